import type { Deadline } from '../../core/deadline.js'
import type { System } from '../../system/system.js'

const STAT_MS = 5_000

/**
 * What each part of `path` is, from the first to the last that exists, in the words of stat(1): `directory`, `symbolic
 * link`, `regular file`. Ends with the first that is not a directory, so no link is followed.
 *
 * @param root where the directory above `path` is mounted. Only a child touches it.
 * @returns `problem`: what stat(1) says of the part after the last one.
 */
export async function kindsAlong(
  { run }: System,
  root: string,
  path: string,
  deadline: Deadline,
): Promise<{ kinds: string[]; problem?: string }> {
  const names = path.split('/').filter(Boolean)
  const prefixes = names.map((_, i) => [root, ...names.slice(0, i + 1)].join('/'))
  const timeoutMs = deadline.share(1, 500, STAT_MS)
  const { stdout, stderr, timedOut } = await run('stat', ['-c', '%F', '--', ...prefixes], {
    timeoutMs,
    isCleanup: true,
  })
  const lines = stdout.split('\n').filter(Boolean)
  const odd = lines.findIndex(kind => kind !== 'directory')
  const kinds = odd === -1 ? lines : lines.slice(0, odd + 1)
  const problem = timedOut ? 'no answer' : stderr.trim().split('\n')[0]?.split(': ').at(-1)
  return { kinds, ...(problem ? { problem } : {}) }
}
