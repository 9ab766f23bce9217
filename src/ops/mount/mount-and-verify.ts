import { CephflexError } from '../../core/errors.js'
import type { Ending } from '../../core/mounters/mounter.js'
import { mountedOn } from '../../core/target/mount-table.js'
import { shownPath } from '../../core/text/printable.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { endClient } from '../target/end-client.js'
import { isUnknown, probeRoot } from '../target/probe-root.js'
import { type Attempt, runAttempt } from './attempt.js'
import { diagnoseFailure } from './diagnose.js'
import { watchKernelLog } from './kernel-log.js'
import { mountsBefore, removeMisplaced } from './misplaced.js'
import { watchClient } from './watch-client.js'

/** The client's own limit is this much shorter than the attempt, so that it can still report why it failed. */
const GIVE_UP_MARGIN_S = 2
const ROOT_MS = 10_000

/** Seconds after which the client should give up, if its attempt ends in `limitMs`. */
export function giveUpSeconds(limitMs: number, waitShare: number): number {
  return Math.max(1, Math.floor((limitMs / 1000 - GIVE_UP_MARGIN_S) * waitShare))
}

/**
 * Runs one attempt, and believes it only when the mount is visible and answers.
 *
 * @returns what the program printed and its process group.
 * @throws CephflexError with the cause as far as it can be proven before the deadline. The caller undoes the rest.
 */
export async function mountAndVerify(system: System, attempt: Attempt): Promise<RunResult> {
  const { fsName } = attempt.volume
  const newKernelLog = await watchKernelLog(system, attempt)
  const before = mountsBefore(system)
  const watch = watchClient(system, attempt)
  const result = await runAttempt(system, attempt)
  const status = await watch.end()
  if (result.interrupted) throw new CephflexError('EINTERRUPTED', 'interrupted by a signal while mounting')
  if (result.exitCode === 0) {
    await verifyOrEndClient(system, attempt, result, before)
    return result
  }
  if (mayHaveMounted(attempt, result)) await removeMisplaced(system, attempt, before)
  const ending: Ending = {
    exitCode: result.exitCode,
    stderr: result.stderr,
    kernelLog: await newKernelLog(),
    status,
    gaveUp: result.ms >= attempt.giveUpS * 1000,
    ...(fsName === undefined ? {} : { fsName }),
  }
  throw await diagnoseFailure(system, attempt, result, ending)
}

/** A program that was killed may have mounted, and so may one whose daemon has started. One that refuses has not. */
function mayHaveMounted({ mounter }: Attempt, { exitCode, stderr }: RunResult): boolean {
  return exitCode === undefined || (mounter.daemon?.pidsIn(stderr) ?? []).length > 0
}

/** Ends the daemon of a mount that fails the check, and removes a mount that landed elsewhere. */
async function verifyOrEndClient(
  system: System,
  attempt: Attempt,
  result: RunResult,
  before: ReadonlySet<number>,
): Promise<void> {
  try {
    await verify(system, attempt)
  } catch (error) {
    const { mounter, target, deadline } = attempt
    if (mounter.daemon) await endClient(system, target, mounter.daemon, result, deadline)
    await removeMisplaced(system, attempt, before)
    throw error
  }
}

/** Checks that the mount table has the mount and that its root answers as a directory. */
async function verify(system: System, { mounter, target, volume, deadline }: Attempt): Promise<void> {
  const top = mountedOn(system.mountInfo(), target).at(-1)
  if (top?.fsType !== mounter.fsType)
    throw new CephflexError(
      'ENOMOUNT',
      `${mounter.program} exited with status 0, but ${target} is not mounted`,
    )
  const health = await probeRoot(system, target, deadline.share(1, 1_000, ROOT_MS))
  if (health === 'directory') return
  if (isUnknown(health)) throw health.unknown
  // ceph-fuse mounts a file as if it were a directory, and then every access fails
  if (health === 'not a directory' || (typeof health === 'object' && health.problem === 'Input/output error'))
    throw new CephflexError('ENOTDIR', `${shownPath(volume.path)} is mounted but is not a directory`)
  throw new CephflexError(
    'EDEAD',
    `${shownPath(volume.path)} is mounted but its root does not answer: ${typeof health === 'object' ? health.problem : health}`,
  )
}
