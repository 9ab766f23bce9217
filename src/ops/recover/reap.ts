import { toCephflexError } from '../../core/errors.js'
import type { OurMount } from '../../core/node/inventory.js'
import { isCephFS, parseMountInfo } from '../../core/target/mount-table.js'
import { type PodVolume, podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { unmountVolume } from '../mount/unmount.js'
import { isBlind } from '../namespaces/is-blind.js'
import { usersOf } from '../namespaces/others.js'
import { absenceOf, healthOfMount, listMounts, mapConcurrently, takeInventory } from '../node/inventory.js'
import { requireRoot } from '../target/require-root.js'
import { containersOf, hasStartedSince, runningProcessOf } from './pod-signs.js'
import { reapClients } from './reap-clients.js'
import { reapLingering } from './reap-lingering.js'
import { settleUnfinished } from './settle.js'

/** Keeps younger mounts: their pod may be starting. */
const MIN_AGE_MS = 10 * 60_000
const YOUNG = 'it was mounted less than ten minutes ago'
const PROBE_MS = 2_000

export type ReapReport = {
  target: string
  outcome: 'removed' | 'orphan' | 'kept' | 'failed'
  /** Why it was kept or could not be removed. */
  reason?: string
}

export type ReapOptions = {
  dryRun: boolean
  /** Where the kubelet keeps the log directories of pods, named NAMESPACE_NAME_UID. */
  podLogs: string
}

/**
 * Unmounts the volumes whose pods no longer exist and removes their empty
 * directories, as the kubelet would have. Then ends the shared clients that no
 * volume has, and lets stopped ones end that have lost their mount. Removes
 * nothing else.
 *
 * @throws CephflexError ENOTROOT.
 */
export async function reapOrphans(system: System, { dryRun, podLogs }: ReapOptions): Promise<ReapReport[]> {
  requireRoot(system)
  if (!dryRun) await settleUnfinished(system)
  const volumes = await mapConcurrently(listMounts(system), async (mount): Promise<ReapReport> => {
    const { target } = mount
    const reason = await reasonToKeep(system, mount, podLogs)
    if (reason !== undefined) return { target, outcome: 'kept', reason }
    if (dryRun) return { target, outcome: 'orphan' }
    try {
      await unmountVolume(target, system)
      system.files.removeDirectory(target)
      return { target, outcome: 'removed' }
    } catch (error) {
      const { code, message } = toCephflexError(error)
      return { target, outcome: 'failed', reason: `${code}: ${message}` }
    }
  })
  return [...volumes, ...(await reapClients(system, dryRun)), ...(await reapLingering(system, dryRun))]
}

/**
 * Why a mount is not an orphan; undefined if it is one. A pod that waits for
 * another volume looks deleted as well, and without its volume it would write
 * to the node's disk. So every sign on this node must show that the pod has run
 * and that the running kubelet has begun to remove it.
 */
async function reasonToKeep(system: System, mount: OurMount, podLogs: string): Promise<string | undefined> {
  const volume = podVolumeOf(mount.target)
  if (volume === undefined) return 'it is not a volume of a pod'
  const elsewhere = reasonElsewhere(system, mount)
  if (elsewhere !== undefined) return elsewhere
  const mountedMs = Date.parse(mount.state?.mountedAt ?? '')
  const isYoung = Date.now() - mountedMs < MIN_AGE_MS
  if (isYoung && !hasStartedSince(system, volume, mountedMs)) return YOUNG
  const reason = keptByKubelet(system, volume, podLogs) ?? inUse(system, mount, volume)
  if (reason !== undefined || !isYoung) return reason
  // the kubelet blocks in its own stat(2) and calls no unmount: no reason to wait
  return (await healthOfMount(system, mount, PROBE_MS)) === 'hung' ? undefined : YOUNG
}

/** Why another mount or PID namespace than that of the kubelet must leave a mount alone. */
function reasonElsewhere(system: System, mount: OurMount): string | undefined {
  const { seenBy, entry, state } = mount
  if (isBlind(system)) return 'this process does not see the processes of the node'
  if (seenBy)
    return `it is mounted in the mount namespace of process ${seenBy.pid} (${seenBy.name}); run this command there: nsenter --target ${seenBy.pid} --mount`
  const absence = entry === undefined ? absenceOf(system, mount) : 'gone'
  if (absence === 'hidden') return `its client, process ${state?.process?.pid}, still runs`
  return absence === 'unknown' ? 'it is not known whether its client still runs' : undefined
}

/** Why the kubelet's files on this node show that it still has the pod. */
function keptByKubelet(system: System, volume: PodVolume, podLogs: string): string | undefined {
  const { files } = system
  const { uid } = volume
  if (containersOf(system, volume).length === 0) return 'its pod may not have started yet'
  if (files.kind(podLogs) !== 'directory')
    return `${podLogs} does not exist, so it is unknown whether its pod is gone`
  const log = files.list(podLogs).find(name => name === uid || name.endsWith(`_${uid}`))
  return log === undefined ? undefined : `the kubelet still has the logs of its pod, ${log}`
}

function inUse(system: System, { target, entry }: OurMount, { pods, uid }: PodVolume): string | undefined {
  const pid = runningProcessOf(system, uid)
  if (pid !== undefined) return `process ${pid} of its pod is running`
  const other = parseMountInfo(system.mountInfo()).find(
    mount => mount.mountPoint.startsWith(`${pods}/${uid}/`) && !isCephFS(mount),
  )
  if (other) return `another volume of its pod is mounted, ${other.mountPoint}`
  const users = entry ? usersOf(system, new Set([entry.device]), target, takeInventory(system)) : []
  return users[0] ? `process ${users[0].process.pid} has it mounted in another mount namespace` : undefined
}
