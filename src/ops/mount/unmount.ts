import { type Deadline, startDeadline, UNDO_MS } from '../../core/deadline.js'
import { clientOf } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { detachElsewhere } from '../namespaces/detach-elsewhere.js'
import { abandonedClient } from '../sharing/abandoned-client.js'
import { leaveTarget } from '../sharing/leave-target.js'
import { releaseAfterUnmount } from '../sharing/release-client.js'
import { detachAll } from '../target/detach.js'
import { unguardTarget } from '../target/guard.js'
import { type LockedTarget, withLockedTarget } from '../target/lock-target.js'
import { requireRoot } from '../target/require-root.js'
import { resolveTarget } from '../target/resolve-target.js'

/**
 * Removes every mount from a target; needs only the directory. Succeeds if
 * nothing is mounted or the directory is missing. Keeps the directory, even one
 * that `mount` created: Kubernetes 1.5 checks it once more, and never finishes
 * the pod if it is missing.
 *
 * Needs no space on any disk, and no lock where none can be made. What it cannot
 * clean up after the unmount stays, and the log names it.
 *
 * Takes at most `timeoutSeconds` of the node configuration. Never forces a
 * healthy mount in use; forces a dead or unreachable one.
 *
 * @returns how many mounts were removed.
 * @throws CephflexError EBUSY with the processes that use it, EUMOUNT, EOCCUPIED, ELOCKED.
 */
export async function unmountVolume(path: string, system: System): Promise<number> {
  requireRoot(system)
  const target = resolveTarget(system, path, 'unmount')
  const deadline = startDeadline(system.config.timeoutSeconds * 1000)
  const work = (locked: LockedTarget) => unmountLocked(system, target, locked, deadline)
  const limits = { lockMs: deadline.left() - UNDO_MS, deadline }
  return withLockedTarget(system, 'unmount', target, limits, work, 'optional')
}

/** The same for a caller that has locked the target. */
export async function unmountLocked(
  system: System,
  target: string,
  locked: LockedTarget,
  deadline: Deadline,
): Promise<number> {
  const client = locked.state && clientOf(locked.state)
  const removed = await leaveTarget(system, target, locked, deadline, async () => {
    const here = await detachAll(system, target, 'strict', deadline)
    const elsewhere = await detachElsewhere(system, target, client, deadline)
    await unguardTarget(system, target, deadline)
    return here + elsewhere
  })
  const abandoned = abandonedClient(system, locked)
  if (abandoned !== undefined) await releaseAfterUnmount(system, abandoned, deadline)
  return removed
}
