import { readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { DaemonName } from '../../../src/core/dev-cluster/spec.js'
import { allPids } from '../../../src/system/processes.js'
import { signal } from '../../lab/signal.js'
import type { startHealing } from './healer.js'
import { pod, type Source } from './objects.js'

/** How long a daemon stays dead, in seconds. */
const DEAD_S = 3
const CATCH_MS = 20_000

/** Something that dies. `happen` returns what was done, and when whatever can only be started by a person runs again. */
export type Event = { what: string; happen: () => Promise<string> }

/**
 * Everything that can die under pods.
 *
 * @param source the volume of the pods that are made while the driver dies. The kubelet logs the arguments of
 *   a call that was killed, so it must have no Secret.
 */
export function makeEvents(
  { ceph, kube, heal }: Pick<Awaited<ReturnType<typeof startHealing>>, 'ceph' | 'kube' | 'heal'>,
  source: Source,
  random: () => number,
): readonly Event[] {
  let guests = 0
  const oneOf = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]
  const daemon = async (name: DaemonName) => {
    await ceph.ctl(name, 'kill')
    const seconds = random() * DEAD_S
    await delay(seconds * 1_000)
    await ceph.ctl(name, 'run')
    return `for ${seconds.toFixed(1)} s`
  }
  return [
    {
      what: 'a client',
      happen: async () => {
        const pid = oneOf(kube.clients())
        if (pid !== undefined) signal(pid, 'SIGKILL')
        return `process ${pid}`
      },
    },
    {
      what: 'the driver in a call',
      happen: async () => {
        const name = `guest-${guests}`
        const ms = random() * 200
        await kube.apply(pod(name, source))
        guests += 1
        const pid = await driverCall(`${kube.pluginDir}/cephflex~cephfs/cephfs`)
        await delay(ms)
        const how = pid !== undefined && kill(pid) ? 'killed' : 'had ended'
        // now: a call that is killed between the mount and the record of it leaves a mount that cannot be healed later
        await kube.running(name)
        await kube.deletePods(name)
        return `${ms.toFixed(0)} ms after its start for ${name}: ${how}`
      },
    },
    {
      what: 'the kubelet',
      happen: async () => {
        await kube.kubelet.kill()
        await delay(random() * DEAD_S * 1_000)
        await kube.kubelet.start()
        return 'and started again'
      },
    },
    { what: 'the MDS', happen: () => daemon('mds') },
    { what: 'the monitor', happen: () => daemon('mon') },
    {
      what: 'the healer',
      happen: async () => {
        const [found] = await heal.pods()
        // a container that dies again and again is started later and later
        if ((found?.status.containerStatuses?.[0]?.restartCount ?? 0) > 0) {
          await heal.deletePod()
          return 'its pod is replaced'
        }
        const pid = await heal.process()
        return pid !== undefined && kill(pid) ? `process ${pid}` : 'it did not run'
      },
    },
  ]
}

/** A call of the driver that runs now, or soon. */
async function driverCall(program: string): Promise<number | undefined> {
  const end = performance.now() + CATCH_MS
  do {
    const pid = allPids().find(each => executable(each) === program)
    if (pid !== undefined) return pid
    await delay(5)
  } while (performance.now() < end)
  return undefined
}

function executable(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return undefined // it has ended, or is a thread of the kernel
  }
}

function kill(pid: number): boolean {
  try {
    signal(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}
