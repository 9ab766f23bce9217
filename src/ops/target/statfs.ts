import { QUOTA_XATTR } from '../../core/ceph/xattrs.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'

export type Usage = { sizeBytes: number; usedBytes: number; freeBytes: number }

/** Whether statfs(2) of a mount returns, even with an error, in time. Runs in a child that may hang. */
export async function answersStatfs(system: System, target: string, timeoutMs: number): Promise<boolean> {
  return !(await runStatfs(system, target, timeoutMs)).timedOut
}

/** What df shows of a mount. Runs in a child that may hang. @returns `hung` if there is no answer in time. */
export async function statfs(
  system: System,
  target: string,
  timeoutMs: number,
): Promise<Usage | 'hung' | undefined> {
  const result = await optional(runStatfs(system, target, timeoutMs))
  if (result?.timedOut) return 'hung'
  const [block, blocks, free, available] = (result?.stdout ?? '').trim().split(' ').map(Number)
  if (!block || blocks === undefined || free === undefined || available === undefined) return undefined
  return { sizeBytes: block * blocks, usedBytes: block * (blocks - free), freeBytes: block * available }
}

/**
 * The quota of a mounted directory in bytes, 0 for none; undefined if
 * getfattr(1) is missing or the quota cannot be read.
 */
export async function quotaOf(
  { run, find }: System,
  target: string,
  timeoutMs: number,
): Promise<number | undefined> {
  if (find('getfattr') === undefined) return undefined
  const argv = ['--only-values', '-n', QUOTA_XATTR, '--', target]
  const { exitCode, stdout, stderr } = await run('getfattr', argv, { timeoutMs, isCleanup: true })
  if (exitCode === 0) return Number(stdout) || 0
  return /No such attribute/.test(stderr) ? 0 : undefined
}

function runStatfs({ run }: System, target: string, timeoutMs: number) {
  return run('stat', ['-f', '-c', '%S %b %f %a', '--', target], { timeoutMs, isCleanup: true })
}
