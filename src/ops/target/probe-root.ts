import type { System } from '../../system/system.js'

export type RootHealth = 'directory' | 'not a directory' | 'dead' | 'hung' | { problem: string }

/** Errors of a mount whose client has exited or is blocklisted. */
const DEAD = /Transport endpoint is not connected|Cannot send after transport|Stale file handle/

/** Asks the cluster, not the cache: an evicted client still has its cache. */
const FRESH = ['--cached=never', '-c', '%F']
/** For coreutils before 8.32: asking for the modification time goes to the cluster as well. */
const FRESH_ENOUGH = ['-c', '%F %Y']

/**
 * Runs stat(1) on the root of a mount. Always in a child: a process that
 * touches a hung mount may never return, and that must not be this one.
 */
export async function probeRoot({ run }: System, target: string, timeoutMs: number): Promise<RootHealth> {
  const stat = (flags: readonly string[]) =>
    run('stat', [...flags, '--', target], { timeoutMs, isCleanup: true })
  const first = await stat(FRESH)
  const { exitCode, stdout, stderr, timedOut } = /unrecognized option/.test(first.stderr)
    ? await stat(FRESH_ENOUGH)
    : first
  return timedOut ? 'hung' : healthOf(exitCode, stdout.replace(/ \d+$/m, ''), stderr)
}

function healthOf(exitCode: number | undefined, stdout: string, stderr: string): RootHealth {
  if (exitCode === 0) return stdout.trim() === 'directory' ? 'directory' : 'not a directory'
  if (DEAD.test(stderr)) return 'dead'
  return { problem: stderr.split(': ').at(-1)?.trim() || `exit code ${exitCode}` }
}
