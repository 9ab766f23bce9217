import { type Deadline, UNDO_MS } from '../../core/deadline.js'
import type { Daemon } from '../../core/mounters/mounter.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { findDaemon, hasEnded } from './daemon.js'
import { detachAll } from './detach.js'

/** A client takes 10 ms to close its session with a healthy cluster. */
const CLOSE_MS = 1_000

/**
 * Ends the daemon of a failed mount: detaches it, so that it exits by itself,
 * and kills it after 1 s. If killed at once, it would leave its session open,
 * and for a minute other clients would wait for what it held. Throws nothing:
 * the caller undoes the mount anyway.
 *
 * @param started what the program that started it returned.
 */
export async function endClient(
  system: System,
  target: string,
  kind: Daemon,
  started: Pick<RunResult, 'pid' | 'stderr'>,
  deadline: Deadline,
): Promise<void> {
  const daemon = findDaemon(system, kind, started)
  try {
    const detached = await detachAll(system, target, 'lazy', deadline.undo(UNDO_MS))
    if (daemon && detached > 0) await hasEnded(system, daemon, deadline.undo(CLOSE_MS))
  } catch {
    // the mount is stuck, and so is its client
  }
  system.killGroup(started.pid)
}
