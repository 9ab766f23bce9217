import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { KUBELETS, RUNTIMES } from '../../core/namespaces/reach.js'
import { isCephFS, mountedOn, parseMountInfo, visibleAt } from '../../core/target/mount-table.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { ClientState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { isSharedPath } from '../target/shared-directory.js'
import { viewerOf } from './reach.js'

const UMOUNT_MS = 10_000
const MAX_STACKED = 8

/**
 * Unmounts a pod's volume, or a shared client, where this process's own mount table does not show it: on the node, and
 * where its client lives. It is still mounted there if the mount namespace of the kubelet has changed since the mount.
 *
 * @param device only mounts with this device, if it is set.
 * @returns how many mounts were removed.
 * @throws CephflexError EBUSY, EUMOUNT, ENOTOOL
 */
export async function detachElsewhere(
  system: System,
  target: string,
  state: ClientState | undefined,
  deadline: Deadline,
  device?: string,
): Promise<number> {
  if (podVolumeOf(target) === undefined && !isSharedPath(system, target)) return 0
  let removed = 0
  for (const pid of placesOf(system, state)) {
    for (let n = 0; n < MAX_STACKED && isMountedIn(system, pid, target, device); n += 1) {
      await detachIn(system, pid, target, deadline)
      removed += 1
    }
  }
  return removed
}

/** The kubelet unmounts in its own mount namespace; a person may have another one. */
function placesOf({ processes, caller }: System, state: ClientState | undefined): number[] {
  const isNodeAgent = (pid: number) =>
    [...RUNTIMES, ...KUBELETS].includes(processes.processInfo(pid)?.name ?? '')
  const agents = caller === 'person' ? processes.allPids().filter(isNodeAgent) : []
  return [1, ...(state?.process ? [state.process.pid] : []), ...agents]
}

/** A mount that another one hides there is out of reach. */
function isMountedIn(system: System, pid: number, target: string, device: string | undefined): boolean {
  const table = system.mountInfo(pid)
  const top = mountedOn(table, target).at(-1)
  if (top === undefined || !isCephFS(top)) return false
  const isWanted = device === undefined || top.device === device
  return isWanted && visibleAt(parseMountInfo(table), target)?.id === top.id
}

async function detachIn(system: System, pid: number, target: string, deadline: Deadline): Promise<void> {
  const before = mountedOn(system.mountInfo(pid), target).length
  const argv = ['--target', String(viewerOf(system, pid)), '--mount', '--', 'umount', '-c']
  const detach = (flags: readonly string[]) =>
    system.run('nsenter', [...argv, ...flags, '--', target], {
      timeoutMs: deadline.share(0.5, 500, UMOUNT_MS),
      isCleanup: true,
    })
  const { exitCode, stderr } = await detach([])
  system.log('elsewhere', { pid, exitCode, stderr })
  if (mountedOn(system.mountInfo(pid), target).length < before) return
  const where = `in the mount namespace of process ${pid}`
  if (/busy/.test(stderr)) throw new CephflexError('EBUSY', `${target} is in use ${where}`)
  throw new CephflexError(
    'EUMOUNT',
    `${target} is still mounted ${where}: ${stderr.trim() || 'nsenter did not finish'}`,
    { hint: `nsenter --target ${pid} --mount -- umount ${target}` },
  )
}
