import type { Deadline } from '../../core/deadline.js'
import type { System } from '../../system/system.js'
import { waitForDaemons } from '../target/daemon.js'
import { discard } from '../target/discard.js'
import { forget, type LockedTarget } from '../target/lock-target.js'
import { clientFilesOf } from '../target/target-files.js'
import { sharedPathOf } from './client-mounts.js'
import { dropFilesOf, releaseAfterUnmount } from './release-client.js'

/**
 * Unmounts a target, and ends its client: at once if the target has one of its own, after its last target if it is
 * shared. Then forgets the target. Killed at any place, the next call for the target or `reap` does the rest.
 *
 * @param detach unmounts it. @returns how many mounts were removed.
 * @throws CephflexError what `detach` throws. The target is not forgotten then.
 */
export async function leaveTarget(
  system: System,
  target: string,
  { files, state }: LockedTarget,
  deadline: Deadline,
  detach: () => Promise<number>,
): Promise<number> {
  const shared = sharedPathOf(system, target, state)
  const removed = await detach()
  if (shared !== undefined) await releaseAfterUnmount(system, shared, deadline)
  else if (removed > 0) await waitForDaemons(system, target, state, deadline)
  forget(system, files, state)
  // also those of a client whose record a killed call has replaced
  discard(system, clientFilesOf(system, files))
  if (state?.shared) dropFilesOf(system, state.shared)
  return removed
}
