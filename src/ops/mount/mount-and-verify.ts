import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import type { Ending, Mounter } from '../../core/mounters/mounter.js'
import { mountedOn } from '../../core/target/mount-table.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { endClient } from '../target/end-client.js'
import { probeRoot } from '../target/probe-root.js'
import { type Attempt, runAttempt } from './attempt.js'
import { diagnoseFailure } from './diagnose.js'
import { mountsBefore, removeMisplaced } from './misplaced.js'

/** The client gets this much less than its try, so that it can still say why it failed. */
const GIVE_UP_MARGIN_S = 2
const ROOT_MS = 10_000
const DMESG_MS = 2_000

/** Seconds after which the client should give up, in a try of `budgetMs`. */
export function giveUpSeconds(budgetMs: number, waitShare: number): number {
  return Math.max(1, Math.floor((budgetMs / 1000 - GIVE_UP_MARGIN_S) * waitShare))
}

/**
 * Tries to mount with one client.
 *
 * @returns what the program printed and its process group.
 * @throws CephflexError with the cause as far as it can be proven before the deadline. The caller undoes what is left.
 */
export async function mountAndVerify(
  system: System,
  attempt: Attempt,
  deadline: Deadline,
  budgetMs: number,
): Promise<RunResult> {
  const { mounter, context } = attempt
  const newKernelLog = await watchKernelLog(system, mounter, deadline)
  const before = mountsBefore(system)
  const result = await runAttempt(system, attempt, [], budgetMs)
  if (result.interrupted) throw new CephflexError('EINTERRUPTED', 'interrupted by a signal while mounting')
  if (result.startProblem)
    throw new CephflexError('ENOTOOL', `${mounter.program} cannot be started (${result.startProblem})`)
  if (result.exitCode === 0) {
    await verifyOrEnd(system, attempt, deadline, result, before)
    return result
  }
  await removeMisplaced(system, mounter, context.request.volume.path, before)
  const ending: Ending = {
    exitCode: result.exitCode,
    stderr: result.stderr,
    kernelLog: await newKernelLog(),
    gaveUp: result.ms >= context.giveUpS * 1000,
    ...(context.request.volume.fsName === undefined ? {} : { fsName: context.request.volume.fsName }),
  }
  throw await diagnoseFailure(system, attempt, result, ending, deadline)
}

/** What the kernel client logs from now on. Told by the last line before: its clock is not ours. */
async function watchKernelLog(
  system: System,
  mounter: Mounter,
  deadline: Deadline,
): Promise<() => Promise<string>> {
  if (mounter.name !== 'kernel') return async () => ''
  const last = (await kernelLog(system, deadline)).at(-1) ?? ''
  return async () => {
    const lines = await kernelLog(system, deadline)
    const newLines = lines.slice(lines.lastIndexOf(last) + 1)
    return newLines.filter(line => /(?:lib)?ceph: /.test(line)).join('\n')
  }
}

async function kernelLog({ run }: System, deadline: Deadline): Promise<string[]> {
  const timeoutMs = deadline.share(1, 100, DMESG_MS)
  return (await run('dmesg', [], { timeoutMs, isCleanup: true })).stdout.split('\n').filter(Boolean)
}

/** A mount that is not believed is ended with its client; one that landed elsewhere goes. */
async function verifyOrEnd(
  system: System,
  attempt: Attempt,
  deadline: Deadline,
  { pid, stderr }: RunResult,
  before: ReadonlySet<number>,
): Promise<void> {
  try {
    await verify(system, attempt, deadline)
  } catch (error) {
    const { mounter, context } = attempt
    if (mounter.name === 'fuse' && pid !== undefined)
      await endClient(system, context.request.target, pid, stderr)
    await removeMisplaced(system, mounter, context.request.volume.path, before)
    throw error
  }
}

/** Success is believed only when the mount table shows it and the root answers. */
async function verify(system: System, { mounter, context }: Attempt, deadline: Deadline): Promise<void> {
  const { target, volume } = context.request
  const top = mountedOn(system.mountInfo(), target).at(-1)
  if (top?.fsType !== mounter.fsType)
    throw new CephflexError(
      'ENOMOUNT',
      `${mounter.program} exited with status 0, but ${target} is not mounted`,
    )
  const health = await probeRoot(system, target, deadline.share(1, 1_000, ROOT_MS))
  if (health === 'directory') return
  // ceph-fuse mounts a file as if it were a directory; then nothing in it works
  if (health === 'not a directory' || (typeof health === 'object' && health.problem === 'Input/output error'))
    throw new CephflexError('ENOTDIR', `${volume.path} is mounted but is not a directory`)
  throw new CephflexError(
    'EDEAD',
    `${volume.path} is mounted but its root does not answer: ${typeof health === 'object' ? health.problem : health}`,
  )
}
