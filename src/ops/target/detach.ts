import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { isCephFS, type MountInfo, mountedOn, parseMountInfo } from '../../core/target/mount-table.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { probeRoot, type RootHealth } from './probe-root.js'
import { answersStatfs } from './statfs.js'

/** Stacked mounts on one directory; more than this is not a node any more. */
const MAX_STACKED = 64
/** A mount is busy for a moment after it was made, or while somebody looks at it. */
const BUSY_TRIES = 4
const BUSY_PAUSE_MS = 60
const PROBE_MS = 2_000
const FORCE_MS = 5_000
const MAX_HOLDERS = 5

/** `lazy`: a mount in use is detached, and whoever uses it goes on. `strict`: that is EBUSY. */
export type DetachPolicy = 'strict' | 'lazy'

/**
 * Removes every CephFS mount from a directory, the top one first, and proves
 * it by the mount table. Healthy mounts are never forced, nor are mounts that
 * somebody has a file open on.
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
  const atFirst = mountedOn(system.mountInfo(), target).length
  for (let removed = 0; removed < MAX_STACKED; removed += 1) {
    const entries = mountedOn(system.mountInfo(), target)
    const top = entries.at(-1)
    if (!top) return atFirst
    if (!isCephFS(top))
      throw new CephflexError('EOCCUPIED', `${target} has a mount of type ${top.fsType}, which is not CephFS`)
    await detachTop(system, top, policy, deadline)
    if (mountedOn(system.mountInfo(), target).length >= entries.length)
      throw new CephflexError('EUMOUNT', `${target} is still mounted`)
  }
  throw new CephflexError('EUMOUNT', `${target} has more than ${MAX_STACKED} mounts`)
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
  if (timedOut) return afterTimeout(system, entry, deadline)
  if (/busy/.test(stderr)) await detachBusy(system, entry, policy, deadline)
}

/** umount(8) did not return. The kernel client detaches at once and then writes out: that is no reason to force it. */
async function afterTimeout(
  system: System,
  { mountPoint, id }: MountInfo,
  deadline: Deadline,
): Promise<void> {
  if (mountedOn(system.mountInfo(), mountPoint).some(entry => entry.id === id))
    await force(system, mountPoint, deadline)
}

/** Detaches a mount that is busy: at once if it is dead or the policy says so, else after some tries. */
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
  const root = await probeRoot(system, target, PROBE_MS)
  if (root !== 'dead' && policy === 'strict') {
    if (!(await isStuck(system, target, root)))
      throw new CephflexError('EBUSY', `${target} is in use ${describeHolders(system, target)}`)
    // ceph-fuse still writes out what it has; the kernel client would drop it
    if (fsType !== 'ceph') return force(system, target, deadline)
  }
  await umount(system, target, deadline.share(1, 500, FORCE_MS), ['-l'])
}

/**
 * Whether all that keeps a mount busy waits for a cluster that does not
 * answer: nobody has a file open there, nothing is mounted below it, and what
 * df asks is not answered. The kubelet is often the one: it asks for the
 * statistics of every volume, and would keep its own pod from ending.
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

/** Only for a mount that no longer answers: what was not written yet is lost. */
async function force(system: System, target: string, deadline: Deadline): Promise<void> {
  const { exitCode } = await umount(system, target, deadline.share(0.5, 500, FORCE_MS), ['-f'])
  if (exitCode !== 0) await umount(system, target, deadline.share(1, 500, FORCE_MS), ['-l'])
}

async function umount(
  { run, log }: System,
  target: string,
  timeoutMs: number,
  flags: readonly string[] = [],
): Promise<RunResult> {
  // -c: umount(8) would else call statfs on the mount, and hang for good if no monitor answers
  const argv = ['-c', ...flags, '--', target]
  const result = await run('umount', argv, { timeoutMs, isCleanup: true })
  const { exitCode, timedOut, stderr, ms } = result
  log('run', { argv: ['umount', ...argv], exitCode, timedOut, stderr, tookMs: ms })
  return result
}
