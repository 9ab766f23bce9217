import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'

/** `unknown`: why nothing was found out. It says nothing about the mount. */
export type RootHealth =
  | 'directory'
  | 'not a directory'
  | 'dead'
  | 'hung'
  | { problem: string }
  | { unknown: CephflexError }

/** Errors of a mount whose client has exited, also while it was asked, or is blocklisted. */
const DEAD =
  /Transport endpoint is not connected|Software caused connection abort|Cannot send after transport|Stale file handle/

/** Asks the cluster, not the cache: an evicted client still has its cache. */
const FRESH = ['--cached=never', '-c', '%F']
/** For coreutils before 8.32: asking for the modification time goes to the cluster as well. */
const FRESH_ENOUGH = ['-c', '%F %Y']

/**
 * Runs stat(1) on the root of a mount. Always in a child: a process that
 * touches a hung mount may never return, and that must not be this one.
 */
export async function probeRoot(system: System, target: string, timeoutMs: number): Promise<RootHealth> {
  const stat = (flags: readonly string[]) =>
    system.run('stat', [...flags, '--', target], { timeoutMs, isCleanup: true })
  try {
    const first = await stat(FRESH)
    const isOld = /unrecognized option/.test(first.stderr)
    return healthOf(system, isOld ? await stat(FRESH_ENOUGH) : first)
  } catch (error) {
    return { unknown: toCephflexError(error) }
  }
}

export function isUnknown(health: RootHealth): health is { unknown: CephflexError } {
  return typeof health === 'object' && 'unknown' in health
}

function healthOf(system: System, { exitCode, stdout, stderr, timedOut }: RunResult): RootHealth {
  if (timedOut) return 'hung'
  if (exitCode === undefined) return unknown('stat was killed by a signal')
  if (exitCode === 0)
    return stdout.replace(/ \d+$/m, '').trim() === 'directory' ? 'directory' : 'not a directory'
  if (DEAD.test(stderr)) return 'dead'
  const problem = stderr.split(': ').at(-1)?.trim()
  if (!problem) return unknown(`stat exited with status ${exitCode} and printed nothing`)
  const isForbidden = problem === 'Permission denied' && !system.isRoot()
  return isForbidden ? unknown('only root can look at it') : { problem }
}

function unknown(reason: string) {
  return { unknown: new CephflexError('EDEAD', `the mount could not be checked: ${reason}`) }
}
