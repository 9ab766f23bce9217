import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import type { ClientStatus } from '../../core/mounters/denial.js'
import type { Ending, Mounter } from '../../core/mounters/mounter.js'
import { mountedOn } from '../../core/target/mount-table.js'
import { shownPath } from '../../core/text/printable.js'
import { optional, type RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { endClient } from '../target/end-client.js'
import { isUnknown, probeRoot } from '../target/probe-root.js'
import { type Attempt, runAttempt } from './attempt.js'
import { diagnoseFailure } from './diagnose.js'
import { mountsBefore, removeMisplaced } from './misplaced.js'

/** The client's own limit is this much shorter than the attempt, so that it can still report why it failed. */
const GIVE_UP_MARGIN_S = 2
const ROOT_MS = 10_000
const DMESG_MS = 2_000
/** For the admin socket of a client. */
const STATUS_MS = 500

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
export async function mountAndVerify(
  system: System,
  attempt: Attempt,
  deadline: Deadline,
  limit: Deadline,
): Promise<RunResult> {
  const { mounter, context } = attempt
  const newKernelLog = await watchKernelLog(system, mounter, deadline, limit)
  const before = mountsBefore(system)
  const watch = watchClient(system, attempt)
  const result = await runAttempt(system, attempt, [], limit)
  const status = await watch.end()
  if (result.interrupted) throw new CephflexError('EINTERRUPTED', 'interrupted by a signal while mounting')
  if (result.exitCode === 0) {
    await verifyOrEndClient(system, attempt, deadline, result, before)
    return result
  }
  await removeMisplaced(system, mounter, context.request.volume.path, before)
  const ending: Ending = {
    exitCode: result.exitCode,
    stderr: result.stderr,
    kernelLog: await newKernelLog(),
    status,
    gaveUp: result.ms >= context.giveUpS * 1000,
    ...(context.request.volume.fsName === undefined ? {} : { fsName: context.request.volume.fsName }),
  }
  throw await diagnoseFailure(system, attempt, result, ending, deadline)
}

/**
 * Asks a ceph-fuse that still waits what it has heard from the cluster: after half of its time, and shortly before it
 * gives up. One that mounts is not asked: it takes milliseconds.
 *
 * @returns `end`, which returns the last answer; undefined if the monitors had not accepted the key at half-time.
 */
function watchClient(
  system: System,
  { mounter, context }: Attempt,
): { end: () => Promise<ClientStatus | undefined> } {
  const answers: Promise<unknown>[] = []
  const ask = () => {
    answers.push(system.askClient(context.adminSocket, 'status', STATUS_MS))
  }
  const giveUpMs = context.giveUpS * 1000
  const timers =
    mounter.name === 'fuse' ? [giveUpMs / 2, giveUpMs - STATUS_MS].map(ms => setTimeout(ask, ms)) : []
  return {
    end: async () => {
      for (const timer of timers) clearTimeout(timer)
      const [first, last] = (await Promise.all(answers)) as (ClientStatus | undefined)[]
      return first?.id ? last : undefined
    },
  }
}

/** What the kernel client logs from now on: all after the last line so far, as kernel timestamps use another clock. */
async function watchKernelLog(
  system: System,
  mounter: Mounter,
  deadline: Deadline,
  limit: Deadline,
): Promise<() => Promise<string>> {
  if (mounter.name !== 'kernel') return async () => ''
  const last = (await kernelLog(system, limit)).at(-1) ?? ''
  return async () => {
    const lines = await kernelLog(system, deadline)
    const newLines = lines.slice(lines.lastIndexOf(last) + 1)
    return newLines.filter(line => /(?:lib)?ceph: /.test(line)).join('\n')
  }
}

async function kernelLog({ run }: System, deadline: Deadline): Promise<string[]> {
  const timeoutMs = deadline.share(0.5, 100, DMESG_MS)
  const result = await optional(run('dmesg', [], { timeoutMs, isCleanup: true }))
  return (result?.stdout ?? '').split('\n').filter(Boolean)
}

/** Ends the client of a mount that fails the check, and removes a mount that landed elsewhere. */
async function verifyOrEndClient(
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
    if (mounter.name === 'fuse') await endClient(system, context.request.target, pid, stderr)
    await removeMisplaced(system, mounter, context.request.volume.path, before)
    throw error
  }
}

/** Checks that the mount table has the mount and that its root answers as a directory. */
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
  if (isUnknown(health)) throw health.unknown
  // ceph-fuse mounts a file as if it were a directory, and then every access fails
  if (health === 'not a directory' || (typeof health === 'object' && health.problem === 'Input/output error'))
    throw new CephflexError('ENOTDIR', `${shownPath(volume.path)} is mounted but is not a directory`)
  throw new CephflexError(
    'EDEAD',
    `${shownPath(volume.path)} is mounted but its root does not answer: ${typeof health === 'object' ? health.problem : health}`,
  )
}
