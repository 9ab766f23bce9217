import type { MountState } from '../../core/target/state.js'
import { parseMountState } from '../../core/target/state.js'
import type { Lock, LockHolder } from '../../system/lock.js'
import type { System } from '../../system/system.js'
import { killStrays } from './daemon.js'
import { dropKey, keptDirectories } from './kept-key.js'
import { sweepKeyrings } from './keyring.js'
import { clearStages } from './stage.js'
import { prepareDirectories, type TargetFiles, targetFiles } from './target-files.js'

/** Time kept for undoing what a call began; also what it may take beyond its deadline. */
export const UNDO_MS = 2_000

/** What a call knows once it alone works on its target. */
export type LockedTarget = { files: TargetFiles; state: MountState | undefined; lock: Lock }

/**
 * Runs `work` as the only call on this target on the node, and first clears
 * up after a call that was killed in the middle.
 *
 * @param lockMs how long to wait for another call on the same target.
 * @throws CephflexError ELOCKED, ENORUNDIR, and what `work` throws.
 */
export async function withLockedTarget<T>(
  system: System,
  call: string,
  target: string,
  lockMs: number,
  work: (held: LockedTarget) => Promise<T>,
): Promise<T> {
  prepareDirectories(system)
  const places = targetFiles(system, target, process.pid)
  const lock = await system.lock(places.lock, `${call} ${target}`, lockMs)
  try {
    const state = parseMountState(system.files.read(places.state), system.bootId())
    if (lock.abandonedBy) {
      system.log('abandoned', { by: lock.abandonedBy })
      await clearAfter(system, target, lock.abandonedBy, state)
    }
    return await work({ files: places, state, lock })
  } finally {
    lock.release()
  }
}

/** Removes what belongs to a mount that is gone: its key, its state and the files of its client. */
export function forget(system: System, places: TargetFiles, state: MountState | undefined): void {
  const { files } = system
  // before the state: a key is never kept without one
  dropKey(system, places)
  if (state) {
    files.remove(state.adminSocket)
    files.remove(state.logFile)
  }
  files.remove(places.state)
}

/** Removes what a call left that was killed in the middle: mount programs, its key, its files. */
async function clearAfter(
  system: System,
  target: string,
  dead: LockHolder,
  state: MountState | undefined,
): Promise<void> {
  killStrays(system, target, state?.process)
  await clearStages(system, target, state?.process)
  sweepKeyrings(system)
  sweepTemporaries(system, dead.pid)
  const { adminSocket, logFile } = targetFiles(system, target, dead.pid)
  // the call may have been killed after it had mounted and noted it: then they are in use
  for (const file of [adminSocket, logFile])
    if (file !== state?.adminSocket && file !== state?.logFile) system.files.remove(file)
}

/** Half-written files of a process that is gone: they end with its pid until they have their name. */
function sweepTemporaries(system: System, pid: number): void {
  const { config, files } = system
  for (const directory of [config.runDirectory, `${config.runDirectory}/state`, ...keptDirectories(system)])
    for (const name of files.list(directory))
      if (name.endsWith(`.${pid}`) || name.startsWith(`out.${pid}.`)) files.remove(`${directory}/${name}`)
}
