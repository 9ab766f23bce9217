import type { Deadline } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import type { SharedClientRef } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { detachElsewhere } from '../namespaces/detach-elsewhere.js'
import { waitForDaemons } from '../target/daemon.js'
import { detachAll } from '../target/detach.js'
import { discard } from '../target/discard.js'
import { forget, type LockedTarget, withLockedTarget } from '../target/lock-target.js'
import { clientMounts } from './client-mounts.js'
import { clientRecord } from './client-record.js'

/** A call that holds the lock for longer is starting the client for a target of its own. */
const LOCK_MS = 5_000

/**
 * Ends a shared client if no target has it any more, and waits for it. Never forces one that may still be writing.
 *
 * @returns `ended`, or `used` if it has a target.
 * @throws CephflexError ELOCKED if a call is working on it, EBUSY, EUMOUNT, EDEAD
 */
export async function releaseClient(
  system: System,
  path: string,
  deadline: Deadline,
): Promise<'ended' | 'used'> {
  const limits = { lockMs: Math.min(LOCK_MS, deadline.left()), deadline }
  const work = (locked: LockedTarget) => releaseLocked(system, path, locked, deadline)
  return withLockedTarget(system, 'release', path, limits, work, 'optional')
}

/** The same for a caller that has locked the client. */
export async function releaseLocked(
  system: System,
  path: string,
  { files, state }: LockedTarget,
  deadline: Deadline,
): Promise<'ended' | 'used'> {
  const { device, targets } = clientMounts(system, path, state)
  if (targets.length > 0) return 'used'
  const here = await detachAll(system, path, 'strict', deadline)
  const elsewhere = await detachElsewhere(system, path, state, deadline, device)
  if (here + elsewhere > 0) await waitForDaemons(system, path, state, deadline)
  system.files.removeDirectory(path)
  forget(system, files, state)
  return 'ended'
}

/**
 * The same after the unmount of a target, which has succeeded whatever happens to the client: what cannot be done is
 * logged, and left to `reap`.
 */
export async function releaseAfterUnmount(system: System, path: string, deadline: Deadline): Promise<void> {
  try {
    await releaseClient(system, path, deadline)
  } catch (error) {
    const { code, message } = toCephflexError(error)
    system.log('client not ended', { path, code, message })
  }
}

/**
 * Removes the files of a client that was replaced, once no target names it. Call it after the state of the last target
 * that had it was removed or replaced.
 */
export function dropFilesOf(system: System, { path, adminSocket, logFile }: SharedClientRef): void {
  if (clientRecord(system, path)?.adminSocket === adminSocket) return
  const directory = `${system.config.runDirectory}/state`
  const isNamed = (name: string) =>
    (system.files.tryRead(`${directory}/${name}`) ?? '').includes(`"${adminSocket}"`)
  if (!system.files.list(directory).some(isNamed)) discard(system, [adminSocket, logFile])
}
