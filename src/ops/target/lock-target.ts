import type { MountState } from '../../core/target/state.js'
import { parseMountState } from '../../core/target/state.js'
import type { Lock, LockHolder } from '../../system/lock/lock.js'
import type { System } from '../../system/system.js'
import { killStrays } from './daemon.js'
import { dropKey, keptDirectories } from './kept-key.js'
import { sweepKeyrings } from './keyring.js'
import { clearStages } from './stage.js'
import { prepareDirectories, type TargetFiles, targetFiles } from './target-files.js'

/** Time for undoing a failed call; a call may exceed its deadline by as much. */
export const UNDO_MS = 2_000

/** A target that a call has locked, with the state of its mount if it has one. */
export type LockedTarget = { files: TargetFiles; state: MountState | undefined; lock: Lock }

/**
 * Runs `work` with the target locked against other calls on this node. First
 * cleans up after a call that was killed.
 *
 * @param call the name of the call, for the message of those that wait.
 * @param lockMs how long to wait for another call on the same target.
 * @throws CephflexError ELOCKED, ENORUNDIR, and what `work` throws.
 */
export async function withLockedTarget<T>(
  system: System,
  call: string,
  target: string,
  lockMs: number,
  work: (locked: LockedTarget) => Promise<T>,
): Promise<T> {
  prepareDirectories(system)
  const paths = targetFiles(system, target, process.pid)
  const lock = await system.lock(paths.lock, `${call} ${target}`, lockMs)
  try {
    const state = parseMountState(system.files.read(paths.state), system.bootId())
    if (lock.abandonedBy) {
      system.log('abandoned', { by: lock.abandonedBy })
      await cleanUpAfter(system, target, lock.abandonedBy, state)
    }
    return await work({ files: paths, state, lock })
  } finally {
    lock.release()
  }
}

/** Removes what belongs to an unmounted volume: its key, its state and the files of its client. */
export function forget(system: System, paths: TargetFiles, state: MountState | undefined): void {
  const { files } = system
  // the key first: a key is never kept without a state
  dropKey(system, paths)
  if (state) {
    files.remove(state.adminSocket)
    files.remove(state.logFile)
  }
  files.remove(paths.state)
}

/** Removes what a killed call left: mount programs, its key, its files. */
async function cleanUpAfter(
  system: System,
  target: string,
  killed: LockHolder,
  state: MountState | undefined,
): Promise<void> {
  killStrays(system, target, state?.process)
  await clearStages(system, target, state?.process)
  sweepKeyrings(system)
  sweepTemporaries(system, killed.pid)
  const { adminSocket, logFile } = targetFiles(system, target, killed.pid)
  // a call that was killed after it had written its state leaves a mount that uses them
  for (const file of [adminSocket, logFile])
    if (file !== state?.adminSocket && file !== state?.logFile) system.files.remove(file)
}

/** Removes half-written files of an exited process: their names end with its pid until they are renamed. */
function sweepTemporaries(system: System, pid: number): void {
  const { config, files } = system
  for (const directory of [config.runDirectory, `${config.runDirectory}/state`, ...keptDirectories(system)])
    for (const name of files.list(directory))
      if (name.endsWith(`.${pid}`) || name.startsWith(`out.${pid}.`)) files.remove(`${directory}/${name}`)
}
