import { startDeadline } from '../../core/deadline.js'
import type { System } from '../../system/system.js'
import { findDaemon, hasEnded } from './daemon.js'
import { detachAll } from './detach.js'
import { UNDO_MS } from './lock-target.js'

/** A client takes 10 ms to say goodbye to a cluster that is well. */
const CLOSE_MS = 1_000

/**
 * Ends the ceph-fuse of a mount that is of no use: detached, it leaves by
 * itself; what is left after 1 s is killed. A client that is killed at once
 * keeps its session, and for a minute the cluster makes everybody else wait
 * for what it held. Throws nothing: the caller undoes the mount anyway.
 *
 * @param group its process group.
 */
export async function endClient(
  system: System,
  target: string,
  group: number,
  stderr: string,
): Promise<void> {
  const daemon = findDaemon(system, group, stderr)
  try {
    const detached = await detachAll(system, target, 'lazy', startDeadline(UNDO_MS))
    if (daemon && detached > 0) await hasEnded(system, daemon, startDeadline(CLOSE_MS))
  } catch {
    // the mount is stuck: then so is the client
  }
  system.killGroup(group)
}
