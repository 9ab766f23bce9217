import { type Deadline, startDeadline } from '../../core/deadline.js'
import { isCephFS, type MountInfo, parseMountInfo } from '../../core/target/mount-table.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { probeRoot } from '../target/probe-root.js'
import { targetFiles } from '../target/target-files.js'
import type { Attempt } from './attempt.js'

const PROBE_MS = 1_000
/** Even if the call has no time left: a mount that landed elsewhere hides somebody else's directory. */
const LEAST_MS = 250
const TRIES = 20
const PAUSE_MS = 50
const UMOUNT_MS = 5_000
/** The cause of the failure is looked for in the other half of the time. */
const SHARE = 0.5
const MOST_MS = 20_000

/** The ids of the current CephFS mounts, to find a new one later. */
export function mountsBefore(system: System): ReadonlySet<number> {
  return new Set(
    parseMountInfo(system.mountInfo())
      .filter(isCephFS)
      .map(({ id }) => id),
  )
}

/**
 * Removes a mount that landed elsewhere because a directory above the target
 * became a link between the check and the mount. Its client has been killed.
 * Touches only mounts that are new, of the same type and made by that client.
 *
 * @param before what {@link mountsBefore} returned.
 */
export async function removeMisplaced(
  system: System,
  attempt: Attempt,
  before: ReadonlySet<number>,
): Promise<void> {
  const limit = startDeadline(attempt.deadline.share(SHARE, LEAST_MS, MOST_MS))
  const suspects = parseMountInfo(system.mountInfo()).filter(
    entry =>
      entry.fsType === attempt.mounter.fsType &&
      !before.has(entry.id) &&
      !isTargetOfCall(system, entry.mountPoint),
  )
  for (const entry of suspects) {
    if (!(await isOurs(system, attempt, entry, limit))) continue
    system.log('misplaced', { mountPoint: entry.mountPoint })
    const argv = ['-c', '-l', '--', entry.mountPoint]
    await optional(
      system.run('umount', argv, { timeoutMs: limit.share(1, LEAST_MS, UMOUNT_MS), isCleanup: true }),
    )
  }
}

/** Whether a call of this driver has this target, or this stage: that call cleans up by itself. */
function isTargetOfCall(system: System, target: string): boolean {
  if (target.startsWith(`${system.config.runDirectory}/`)) return true
  const { lock, state } = targetFiles(system, target, 0)
  return system.files.kind(lock) !== 'missing' || system.files.kind(state) !== 'missing'
}

/** Whether it is the mount of the program that was just killed: no other mount is new and dead at this moment. */
async function isOurs(
  system: System,
  { mounter, volume }: Attempt,
  entry: MountInfo,
  limit: Deadline,
): Promise<boolean> {
  const { leftover } = mounter
  return leftover === 'dead' ? isDeadSoon(system, entry.mountPoint, limit) : leftover(entry, volume.path)
}

/** A killed client takes a moment to exit, longer on a busy node. */
async function isDeadSoon(system: System, mountPoint: string, limit: Deadline): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const timeoutMs = limit.share(1, LEAST_MS, PROBE_MS)
    if ((await probeRoot(system, mountPoint, timeoutMs)) === 'dead') return true
    if (limit.left() === 0) return false
    await system.sleep(PAUSE_MS)
  }
  return false
}
