import { spawn } from 'node:child_process'
import { monotonicMs } from '../core/clock.js'
import { files } from './files.js'

export type RunOptions = {
  /** Time limit; after it, the whole process group is killed. */
  timeoutMs: number
  /** Part of a clean-up: a signal to this process does not stop it. */
  isCleanup?: boolean
}

export type RunResult = {
  /** Pid of the program, which is also its process group; undefined if it could not be started. */
  pid: number | undefined
  /** Why the program could not be started, for example `ENOENT`. */
  startProblem?: string
  exitCode: number | undefined
  timedOut: boolean
  interrupted: boolean
  stdout: string
  stderr: string
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
 * process group, with an English locale and an environment of two variables.
 * Its output goes to nameless files, not to pipes: a daemon that keeps them
 * open can neither block this process nor be killed by a closed pipe. (A
 * general library was measured first: its import costs more than the mount.)
 *
 * A failure is a return value: only the caller knows what an exit code means.
 * The process group of a program that does not exit with 0 is killed. After 0
 * it stays, since ceph-fuse leaves its daemon in it.
 *
 * @param scratch directory for the output files, 0700.
 * @param signal stops every program that is not part of a clean-up.
 */
export function makeRun(path: string, scratch: () => string, signal?: AbortSignal): Run {
  return async (program, argv, { timeoutMs, isCleanup = false }) => {
    const start = monotonicMs()
    const stdout = files.openScratch(scratch())
    const stderr = files.openScratch(scratch())
    try {
      const child = spawn(program, argv, {
        cwd: '/',
        env: { PATH: path, LC_ALL: 'C' },
        detached: true,
        stdio: ['ignore', stdout, stderr],
      })
      child.unref()
      const ending = await ended(child, timeoutMs, isCleanup ? undefined : signal)
      if (child.pid !== undefined && ending.exitCode !== 0) killGroup(child.pid)
      return {
        ...ending,
        pid: child.pid,
        stdout: files.readFd(stdout),
        stderr: files.readFd(stderr),
        ms: Math.round(monotonicMs() - start),
      }
    } finally {
      files.close(stdout)
      files.close(stderr)
    }
  }
}

/** Sends SIGKILL to a process group. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // it no longer exists
  }
}

type Ending = Pick<RunResult, 'exitCode' | 'timedOut' | 'interrupted'> & { startProblem?: string }

/** Resolves when the child has exited, or `KILL_GRACE_MS` after it was killed. Never rejects. */
function ended(
  child: ReturnType<typeof spawn>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Ending> {
  return new Promise(resolve => {
    const result: Ending = { exitCode: undefined, timedOut: false, interrupted: false }
    let grace: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(timer)
      clearTimeout(grace)
      signal?.removeEventListener('abort', interrupt)
      resolve(result)
    }
    const kill = () => {
      if (child.pid !== undefined) killGroup(child.pid)
      grace = setTimeout(finish, KILL_GRACE_MS)
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
    child.once('error', (error: NodeJS.ErrnoException) => {
      result.startProblem = error.code ?? 'EUNKNOWN'
      finish()
    })
    child.once('exit', code => {
      result.exitCode = code ?? undefined
      finish()
    })
    if (signal?.aborted) interrupt()
    else signal?.addEventListener('abort', interrupt, { once: true })
  })
}
