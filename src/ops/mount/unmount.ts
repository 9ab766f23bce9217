import { type Deadline, startDeadline } from '../../core/deadline.js'
import type { System } from '../../system/system.js'
import { waitForDaemons } from '../target/daemon.js'
import { detachAll } from '../target/detach.js'
import { unguardTarget } from '../target/guard.js'
import { forget, type LockedTarget, UNDO_MS, withLockedTarget } from '../target/lock-target.js'
import { requireRoot } from '../target/require-root.js'
import { resolveTarget } from '../target/resolve-target.js'

/**
 * Removes every mount from a target; needs nothing but the directory. What is
 * not mounted or not there is success. The directory stays, also if `mount`
 * has made it: Kubernetes 1.5 looks at it once more, and never finishes the
 * pod if it is gone.
 *
 * Takes at most `timeoutSeconds` of the node configuration. A healthy mount in
 * use is never forced; a dead or unreachable one is.
 *
 * @returns how many mounts were removed.
 * @throws CephflexError EBUSY with the processes that use it, EUMOUNT, EOCCUPIED, ELOCKED.
 */
export async function unmountVolume(path: string, system: System): Promise<number> {
  requireRoot(system)
  const target = resolveTarget(system, path)
  const deadline = startDeadline(system.config.timeoutSeconds * 1000)
  return withLockedTarget(system, 'unmount', target, deadline.left() - UNDO_MS, held =>
    unmountHeld(system, target, held, deadline),
  )
}

async function unmountHeld(
  system: System,
  target: string,
  held: LockedTarget,
  deadline: Deadline,
): Promise<number> {
  const removed = await detachAll(system, target, 'strict', deadline)
  await unguardTarget(system, target)
  if (removed > 0) await waitForDaemons(system, target, held.state, deadline)
  forget(system, held.files, held.state)
  return removed
}
