import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { clientOfType, mounters } from '../../core/mounters/index.js'
import {
  isCephFS,
  type MountInfo,
  mountedOn,
  mountsOfDevice,
  parseMountInfo,
} from '../../core/target/mount-table.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { isUnknown, probeRoot, type RootHealth } from './probe-root.js'
import { isSharedPath } from './shared-directory.js'
import { answersStatfs } from './statfs.js'

/** Stacked mounts on one directory. More than this means that the node is broken. */
const MAX_STACKED = 64
/** A new mount is busy for a moment, as is any while a process looks at it. */
const BUSY_TRIES = 4
const BUSY_PAUSE_MS = 60
const PROBE_MS = 2_000
const FORCE_MS = 5_000
const MAX_HOLDERS = 5

/** For a mount in use. `lazy`: detaches it, and its users keep it. `strict`: fails with EBUSY. */
export type DetachPolicy = 'strict' | 'lazy'

/**
 * Removes every CephFS mount from a directory, the top one first, and proves
 * it by the mount table. Never forces a healthy mount or one with open files.
 *
 * @returns how many mounts were removed.
 * @throws CephflexError EBUSY (policy `strict`), EOCCUPIED if another file system is in the way,
 *   EUMOUNT if a mount stays.
 */
export async function detachAll(
  system: System,
  target: string,
  policy: DetachPolicy,
  deadline: Deadline,
): Promise<number> {
  let entries = mountedOn(system.mountInfo(), target)
  const initialCount = entries.length
  for (let removed = 0; removed < MAX_STACKED; removed += 1) {
    const top = entries.at(-1)
    if (!top) return initialCount
    if (!isCephFS(top))
      throw new CephflexError('EOCCUPIED', `${target} has a mount of type ${top.fsType}, which is not CephFS`)
    await detachTop(system, top, policy, deadline)
    const left = mountedOn(system.mountInfo(), target)
    if (left.length >= entries.length) throw new CephflexError('EUMOUNT', `${target} is still mounted`)
    entries = left
  }
  throw new CephflexError('EUMOUNT', `${target} has more than ${MAX_STACKED} mounts`)
}

/** Detaches the top mount of a directory, also one in use, and leaves those below it. Proves nothing. */
export async function uncover(system: System, target: string, deadline: Deadline): Promise<void> {
  await umount(system, target, deadline.share(0.3, 500, FORCE_MS), ['-l'])
}

async function detachTop(
  system: System,
  entry: MountInfo,
  policy: DetachPolicy,
  deadline: Deadline,
): Promise<void> {
  const target = entry.mountPoint
  const { exitCode, timedOut, stderr } = await umount(system, target, deadline.share(0.6, 1_000, 60_000))
  if (exitCode === 0) return
  if (timedOut) return forceIfMounted(system, entry, deadline)
  if (/busy/.test(stderr)) await detachBusy(system, entry, policy, deadline)
}

/** umount(8) did not return. The kernel client detaches at once and then flushes, which is no reason to force it. */
async function forceIfMounted(
  system: System,
  { mountPoint, id }: MountInfo,
  deadline: Deadline,
): Promise<void> {
  if (mountedOn(system.mountInfo(), mountPoint).some(entry => entry.id === id))
    await force(system, mountPoint, deadline)
}

/** Retries a busy mount a few times, then detaches it if it is dead, stuck or the policy is `lazy`. */
async function detachBusy(
  system: System,
  { mountPoint: target, fsType }: MountInfo,
  policy: DetachPolicy,
  deadline: Deadline,
): Promise<void> {
  for (let tries = 1; tries < BUSY_TRIES; tries += 1) {
    await system.sleep(BUSY_PAUSE_MS)
    const { exitCode } = await umount(system, target, deadline.share(0.5, 1_000, 10_000))
    if (exitCode === 0) return
  }
  if (policy === 'strict' && (await mustForce(system, target, fsType))) return force(system, target, deadline)
  await umount(system, target, deadline.share(1, 500, FORCE_MS), ['-l'])
}

/**
 * Whether a busy mount must be forced. Not cut short by the deadline: a slow answer must not look like none.
 *
 * @throws CephflexError EBUSY if it is in use, EDEAD if that cannot be found out.
 */
async function mustForce(system: System, target: string, fsType: string): Promise<boolean> {
  const root = await probeRoot(system, target, PROBE_MS)
  if (root === 'dead') return false
  await refuseUnlessStuck(system, target, root)
  const client = clientOfType(fsType)
  return client !== undefined && mounters[client].whenStuck === 'force'
}

async function refuseUnlessStuck(system: System, target: string, root: RootHealth): Promise<void> {
  if (isUnknown(root)) throw root.unknown
  if (await isStuck(system, target, root)) return
  throw new CephflexError('EBUSY', `${target} is in use ${describeHolders(system, target)}`)
}

/**
 * Whether a mount is busy only with processes that wait for an unreachable
 * cluster: no file is open, nothing is mounted below it, and statfs(2) gets no
 * answer. Often that is the kubelet, which asks for the statistics of every
 * volume and would keep its own pod from ending.
 */
async function isStuck(system: System, target: string, root: RootHealth): Promise<boolean> {
  const isUsed =
    system.processes.holdersOf(target).length > 0 ||
    parseMountInfo(system.mountInfo()).some(({ mountPoint }) => mountPoint.startsWith(`${target}/`))
  return !isUsed && (root === 'hung' || !(await answersStatfs(system, target, PROBE_MS)))
}

function describeHolders(system: System, target: string): string {
  const holders = system.processes.holdersOf(target)
  const names = holders.slice(0, MAX_HOLDERS).map(({ pid, name }) => `${pid} (${name})`)
  if (names.length === 0) return 'by something without an open file: a mount below it, or a stuck process'
  return `by ${names.join(', ')}${holders.length > MAX_HOLDERS ? ' and others' : ''}`
}

/** Only for a mount that no longer answers: loses unwritten data. */
async function force(system: System, target: string, deadline: Deadline): Promise<void> {
  const isForced =
    !servesOthers(system, target) &&
    (await umount(system, target, deadline.share(0.5, 500, FORCE_MS), ['-f'])).exitCode === 0
  if (!isForced) await umount(system, target, deadline.share(1, 500, FORCE_MS), ['-l'])
}

/** Whether the client of a mount has other targets: umount(8) with -f would end it for all of them. */
function servesOthers(system: System, target: string): boolean {
  const table = system.mountInfo()
  const device = mountedOn(table, target).at(-1)?.device
  if (device === undefined) return false
  return mountsOfDevice(table, device).some(
    ({ mountPoint }) => !mountPoint.endsWith(target) && !isSharedPath(system, mountPoint),
  )
}

async function umount(
  { run, log }: System,
  target: string,
  timeoutMs: number,
  flags: readonly string[] = [],
): Promise<RunResult> {
  // -c: without it umount(8) calls statfs on the mount, and hangs forever if no monitor answers
  const argv = ['-c', ...flags, '--', target]
  const result = await run('umount', argv, { timeoutMs, isCleanup: true })
  const { exitCode, timedOut, stderr, ms } = result
  log('run', { argv: ['umount', ...argv], exitCode, timedOut, stderr, tookMs: ms })
  return result
}
