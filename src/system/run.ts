import { type ChildProcess, spawn } from 'node:child_process'
import { monotonicMs } from '../core/clock.js'
import { CephflexError, exhaustedHint, toCephflexError } from '../core/errors.js'
import { captureFiles, capturePipes, type Output } from './capture.js'
import { errno, files } from './files.js'

export type RunOptions = {
  /** Time limit; after it, the whole process group is killed. */
  timeoutMs: number
  /** Part of a clean-up: a signal to this process does not stop it. */
  isCleanup?: boolean
  /** It leaves a daemon, which keeps its output open. The run directory must then have space for the output. */
  leavesDaemon?: boolean
}

/** How a program ended that was started, and all it printed. */
export type RunResult = Output & {
  /** Pid of the program, which is also its process group. */
  pid: number
  /** Undefined if a signal ended it, or if it did not end. */
  exitCode: number | undefined
  /** The signal that ended it, also that of a time limit. */
  signal?: NodeJS.Signals
  timedOut: boolean
  interrupted: boolean
  ms: number
}

export type Run = (program: string, argv: readonly string[], options: RunOptions) => Promise<RunResult>

/** How long a killed program may take to exit. One in state D never does, and is left behind. */
const KILL_GRACE_MS = 1_000

/** The directories that are searched for programs after the `searchPath` of the node configuration. */
export const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Makes the only function that starts programs during a driver call.
 *
 * Every program runs without a shell, without stdin, in `/`, in its own
 * process group, with an English locale and an environment of four variables:
 * none of this process's own, and a `ceph.conf` and keyring for programs of
 * Ceph, which would otherwise read those in /etc/ceph.
 * (A general library was measured first: its import costs more than the mount.)
 *
 * A failure is a return value: only the caller knows what an exit code means.
 * But a program that does not start, or whose output is lost, has no result:
 * nothing can be concluded from it, so that is an error.
 *
 * The process group of a program that does not exit with 0 is killed. After 0
 * it stays, since ceph-fuse leaves its daemon in it.
 *
 * @param cephConf the `ceph.conf` that programs of Ceph read; /dev/null for none.
 * @param scratch directory for the output of programs that leave a daemon, 0700.
 * @param signal stops every program that is not part of a clean-up.
 * @returns a function that throws CephflexError ENOTOOL, ENORUNDIR.
 */
export function makeRun(
  { path, cephConf }: { path: string; cephConf: string },
  scratch: () => string,
  signal?: AbortSignal,
): Run {
  return async (program, argv, { timeoutMs, isCleanup = false, leavesDaemon = false }) => {
    const start = monotonicMs()
    const capture = leavesDaemon ? captureFiles(scratch()) : capturePipes()
    try {
      const child = startChild(program, argv, { path, cephConf }, capture.stdio)
      const output = capture.attach(child)
      const ending = await ended(child, timeoutMs, isCleanup ? undefined : signal)
      if ('startProblem' in ending) throw notStarted(program, path, ending.startProblem)
      if (ending.exitCode !== 0) killGroup(ending.pid)
      return { ...ending, ...(await output()), ms: Math.round(monotonicMs() - start) }
    } finally {
      capture.close()
    }
  }
}

/** The result of a program that the caller can do without; undefined if it could not be started. */
export async function optional(result: Promise<RunResult>): Promise<RunResult | undefined> {
  try {
    return await result
  } catch (error) {
    if (toCephflexError(error).code === 'ENOTOOL') return undefined
    throw error
  }
}

/** The first file with this name in the directories of a search path, all absolute, that can be executed. */
export function findProgram(path: string, program: string): `/${string}` | undefined {
  const candidates = path.split(':').map(directory => `/${directory.slice(1)}/${program}` as const)
  return candidates.find(files.isExecutable)
}

/** Sends SIGKILL to a process group. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // it no longer exists
  }
}

function startChild(
  program: string,
  argv: readonly string[],
  { path, cephConf }: { path: string; cephConf: string },
  stdio: ReturnType<typeof capturePipes>['stdio'],
): ChildProcess {
  try {
    const env = { PATH: path, LC_ALL: 'C', CEPH_CONF: cephConf, CEPH_KEYRING: '/dev/null' }
    const child = spawn(program, argv, { cwd: '/', env, detached: true, stdio })
    child.unref()
    return child
  } catch (error) {
    // Node.js throws some errors, such as E2BIG, and emits others
    throw notStarted(program, path, errno(error))
  }
}

function notStarted(program: string, path: string, code: string): CephflexError {
  const cause = { code }
  // a script or program whose interpreter is missing is reported as missing itself
  const exists = program.includes('/') || findProgram(path, program) !== undefined
  if (code === 'ENOENT' && !exists)
    return new CephflexError('ENOTOOL', `${program} is not installed on this node`, { cause })
  const hint =
    exhaustedHint(code) ?? `run ${program} by hand on this node; if it does not run, reinstall its package`
  return new CephflexError('ENOTOOL', `${program} cannot be started (${code})`, { hint, cause })
}

type Ending = Pick<RunResult, 'pid' | 'exitCode' | 'signal' | 'timedOut' | 'interrupted'>

/** Resolves when the child has exited, or `KILL_GRACE_MS` after it was killed. Never rejects. */
function ended(
  child: ChildProcess,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Ending | { startProblem: string }> {
  return new Promise(resolve => {
    const result: Ending = { pid: child.pid ?? 0, exitCode: undefined, timedOut: false, interrupted: false }
    let grace: NodeJS.Timeout | undefined
    const finish = (startProblem?: string) => {
      clearTimeout(timer)
      clearTimeout(grace)
      signal?.removeEventListener('abort', interrupt)
      resolve(startProblem === undefined ? result : { startProblem })
    }
    const kill = () => {
      if (child.pid !== undefined) killGroup(child.pid)
      grace = setTimeout(() => finish(), KILL_GRACE_MS)
    }
    const interrupt = () => {
      result.interrupted = true
      kill()
    }
    const timer = setTimeout(
      () => {
        result.timedOut = true
        kill()
      },
      Math.max(1, timeoutMs),
    )
    child.once('error', error => {
      finish(errno(error))
    })
    child.once('exit', (code, endedBy) => {
      result.exitCode = code ?? undefined
      if (endedBy !== null) result.signal = endedBy
      finish()
    })
    if (signal?.aborted) interrupt()
    else signal?.addEventListener('abort', interrupt, { once: true })
  })
}
