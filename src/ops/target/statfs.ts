import { QUOTA_XATTR } from '../../core/ceph/xattrs.js'
import type { System } from '../../system/system.js'

export type Usage = { sizeBytes: number; usedBytes: number; freeBytes: number }

/** Whether statfs(2) of a mount gives any answer, or an error, in time; asked from a child that may hang. */
export async function answersStatfs(system: System, target: string, timeoutMs: number): Promise<boolean> {
  return !(await ask(system, target, timeoutMs)).timedOut
}

/** What df shows of a mount, asked from a child that may hang. @returns undefined if it gives no answer in time. */
export async function statfs(system: System, target: string, timeoutMs: number): Promise<Usage | undefined> {
  const { stdout } = await ask(system, target, timeoutMs)
  const [block, blocks, free, available] = stdout.trim().split(' ').map(Number)
  if (!block || blocks === undefined || free === undefined || available === undefined) return undefined
  return { sizeBytes: block * blocks, usedBytes: block * (blocks - free), freeBytes: block * available }
}

/**
 * The quota of a mounted directory in bytes, 0 for none; undefined without
 * getfattr(1), or if it cannot be read.
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

function ask({ run }: System, target: string, timeoutMs: number) {
  return run('stat', ['-f', '-c', '%S %b %f %a', '--', target], { timeoutMs, isCleanup: true })
}
