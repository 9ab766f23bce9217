import type { Deadline } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import { type ClientState, type MountState, parseMountState } from '../../core/target/state.js'
import type { Lock, LockHolder } from '../../system/lock/lock.js'
import type { System } from '../../system/system.js'
import { killStrays } from './daemon.js'
import { discard } from './discard.js'
import { dropKey, keptDirectories } from './kept-key.js'
import { sweepKeyrings } from './keyring.js'
import { clearStages } from './stage.js'
import { prepareDirectories, type TargetFiles, targetFiles } from './target-files.js'
import { withClientFound } from './unfinished.js'

/** A target that a call has locked, with the state of its mount if it has one. */
export type LockedTarget = { files: TargetFiles; state: MountState | undefined; lock: Lock }

/** What a call needs of the run directory. `optional`: it works without a lock, a state and any space there. */
export type LockNeed = 'required' | 'optional'

/**
 * Runs `work` with the target locked against other calls on this node. First
 * cleans up after a call that was killed.
 *
 * @param call the name of the call, for the message of those that wait.
 * @param limits `lockMs`: how long to wait for another call on the same target.
 * @throws CephflexError ELOCKED, ENORUNDIR if the lock is required, and what `work` throws.
 */
export async function withLockedTarget<T>(
  system: System,
  call: string,
  target: string,
  limits: { lockMs: number; deadline: Deadline },
  work: (locked: LockedTarget) => Promise<T>,
  need: LockNeed = 'required',
): Promise<T> {
  const paths = targetFiles(system, target, process.pid)
  const problem = directoryProblem(system, need)
  const lock =
    problem === undefined
      ? await system.lock(paths.lock, `${call} ${target}`, limits.lockMs, need === 'optional')
      : { problem, release: () => {} }
  if (lock.problem !== undefined) system.log('not locked', { reason: lock.problem })
  try {
    // a state in a directory that others can change is not believed
    const text = problem === undefined ? system.files.tryRead(paths.state) : undefined
    const state = withClientFound(system, target, parseMountState(text, system.bootId()))
    if (lock.abandonedBy) {
      system.log('abandoned', { by: lock.abandonedBy })
      await cleanUpAfter(system, target, lock.abandonedBy, state, limits.deadline)
    }
    return await work({ files: paths, state, lock })
  } finally {
    lock.release()
  }
}

/** Why the run directory cannot be used, for a call that works without it. */
function directoryProblem(system: System, need: LockNeed): string | undefined {
  try {
    prepareDirectories(system)
    return undefined
  } catch (error) {
    if (need === 'required') throw error
    return toCephflexError(error).message
  }
}

/** Removes what belongs to a volume: its key, its state and the files of its client. */
export function forget(system: System, paths: TargetFiles, state: ClientState | undefined): void {
  // the key first: a key is never kept without a state
  dropKey(system, paths)
  discard(system, [...(state ? [state.adminSocket, state.logFile] : []), paths.state])
}

/** Removes what a killed call left: mount programs, its key, its files. What fails is logged, and stays. */
async function cleanUpAfter(
  system: System,
  target: string,
  killed: LockHolder,
  state: ClientState | undefined,
  deadline: Deadline,
): Promise<void> {
  const { adminSocket, logFile } = targetFiles(system, target, killed.pid)
  // a call that was killed after it had written its state leaves a mount that uses them
  const unused = [adminSocket, logFile].filter(file => file !== state?.adminSocket && file !== state?.logFile)
  const steps = [
    () => killStrays(system, target, state?.process, killed),
    () => clearStages(system, target, state?.process, killed, deadline),
    () => sweepKeyrings(system),
    () => sweepTemporaries(system, killed.pid),
    () => discard(system, unused),
  ]
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      system.log('not cleaned up', { message: toCephflexError(error).message })
    }
  }
}

/** Removes half-written files of an exited process: their names end with its pid until they are renamed. */
function sweepTemporaries(system: System, pid: number): void {
  const { config, files } = system
  for (const directory of [config.runDirectory, `${config.runDirectory}/state`, ...keptDirectories(system)]) {
    const names = files
      .list(directory)
      .filter(name => name.endsWith(`.${pid}`) || name.startsWith(`out.${pid}.`))
    discard(
      system,
      names.map(name => `${directory}/${name}`),
    )
  }
}
