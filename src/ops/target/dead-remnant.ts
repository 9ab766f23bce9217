import type { Deadline } from '../../core/deadline.js'
import { isCephFS, mountedOn } from '../../core/target/mount-table.js'
import type { LockHolder } from '../../system/lock/lock.js'
import type { System } from '../../system/system.js'
import { detachAll } from './detach.js'
import { probeRoot } from './probe-root.js'

const PROBE_MS = 2_500

/**
 * Detaches the mount of a killed call whose client has died, too. That call never answered, so no container has the mount;
 * and a kubelet that cannot look at a target does not call the driver again. A mount that works stays: the next call
 * takes it over.
 *
 * @param hasState whether a call has noted the mount, and so may have answered.
 */
export async function detachDeadRemnant(
  system: System,
  target: string,
  killed: LockHolder,
  hasState: boolean,
  deadline: Deadline,
): Promise<void> {
  const top = mountedOn(system.mountInfo(), target).at(-1)
  if (hasState || !killed.call.startsWith('mount ') || top === undefined || !isCephFS(top)) return
  if ((await probeRoot(system, target, deadline.share(0.5, 500, PROBE_MS))) !== 'dead') return
  const removed = await detachAll(system, target, 'lazy', deadline)
  system.log('detached', { target, removed })
}
