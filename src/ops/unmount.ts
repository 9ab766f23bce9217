import { startDeadline } from '../core/deadline.js'
import { DriverError } from '../core/errors.js'
import type { System } from '../system/system.js'
import { forget, type Held, withTarget } from './call.js'
import { findLostDaemons, waitForEnd } from './daemon.js'
import { detachAll } from './detach.js'
import { resolveTarget } from './resolve-target.js'

/** How long the daemon of a detached mount may take to write out and leave, before we stop watching it. */
const DAEMON_MS = 5_000
const UNDO_MS = 2_000

/** The mount is gone; its daemon may still be writing, and is never killed for that. */
const waitForDaemons = async (system: System, { state }: Held, target: string): Promise<void> => {
  const daemons = state?.process ? [state.process] : findLostDaemons(system, target)
  for (const daemon of daemons)
    if (!(await waitForEnd(system, daemon, DAEMON_MS))) system.log('lingers', { pid: daemon.pid })
}

const unmountHeld = async (
  system: System,
  target: string,
  held: Held,
  timeoutMs: number,
): Promise<number> => {
  const removed = await detachAll(system, target, 'strict', startDeadline(timeoutMs))
  if (removed > 0) await waitForDaemons(system, held, target)
  forget(system, held.places, held.state)
  for (const directory of held.state?.made ?? []) system.files.removeDirectory(directory)
  return removed
}

/**
 * Removes every mount from a target; needs nothing but the directory. What is
 * not mounted or not there is success.
 *
 * Takes at most `timeoutSeconds` of the node configuration. A healthy mount in
 * use is never forced; a dead or unreachable one is.
 *
 * @returns how many mounts were removed.
 * @throws DriverError EBUSY with the processes that use it, EUMOUNT, EOCCUPIED, ELOCKED.
 */
export const unmountVolume = async (path: string, system: System): Promise<number> => {
  if (!system.isRoot()) throw new DriverError('ENOTROOT', 'this process does not run as root')
  const target = resolveTarget(system, path)
  const timeoutMs = system.config.timeoutSeconds * 1000
  return withTarget(system, 'unmount', target, timeoutMs - UNDO_MS, held =>
    unmountHeld(system, target, held, timeoutMs),
  )
}
