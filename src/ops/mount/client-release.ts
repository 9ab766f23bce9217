import type { Deadline } from '../../core/deadline.js'
import type { ProgramName } from '../../core/programs.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'

/** The limit of `PROGRAM --version`. */
const VERSION_MS = 5_000

/**
 * The major release of an installed program of Ceph, for example 16; undefined if
 * unknown. Cached until the program file is replaced, as starting ceph-fuse for
 * its version takes half as long as a mount.
 */
export async function clientRelease(
  { config, files, find, run }: System,
  name: ProgramName,
  limit: Deadline,
): Promise<number | undefined> {
  const program = find(name)
  if (program === undefined) return undefined
  const key = files.version(program) ?? program
  const cache = `${config.runDirectory}/${name}-release`
  const [cachedKey, cachedRelease] = (files.tryRead(cache) ?? '').split('\n')
  if (cachedKey === key && cachedRelease) return Number(cachedRelease)
  const options = { timeoutMs: limit.share(0.5, 200, VERSION_MS) }
  const result = await optional(run(program, ['--version'], options))
  const release = /^ceph version (\d+)\./.exec(result?.stdout ?? '')?.[1]
  if (release === undefined) return undefined
  files.tryReplace(cache, `${key}\n${release}\n`)
  return Number(release)
}
