import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { execa, type Options } from 'execa'
import fs from 'fs-extra'
import { CephflexError } from '../core/errors.js'
import { killGroup } from './run.js'

/**
 * Programs and files for commands. A driver call never loads this file:
 * importing the two libraries costs more than a mount.
 */

/** PATH of every child process. */
export const TOOL_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** A clean environment: inherited CEPH_* variables would override the files of the daemons. */
const CLEAN = {
  extendEnv: false,
  env: { PATH: TOOL_PATH, LC_ALL: 'C' },
  detached: true,
  reject: false,
} as const satisfies Options

export type ProgramOptions = {
  /** Time limit; after it, the whole process group is killed. */
  timeoutMs: number
  input?: string
  /** Kills the process group; the call then throws the reason. */
  signal?: AbortSignal
  cwd?: string
}

export type ProgramResult = { exitCode: number | undefined; stdout: string; stderr: string }

export type SpawnedDaemon = { pid: number; exited: Promise<void> }

/** How much of the end of a child's stderr is kept: a program prints last why it failed. */
const KEPT_CHARACTERS = 4_000

export type LineProcess = {
  write: (line: string) => void
  /** Closes its stdin, which asks it to exit. */
  end: () => void
  kill: () => void
  /** Resolves when it has exited, with the end of its stderr. Never rejects. */
  exited: Promise<string>
}

/**
 * Runs a program until it exits: no shell, a clean environment, its own process
 * group, which is killed at the end. A failed exit code is a return value.
 *
 * @throws CephflexError ENOTOOL, ETIMEOUT; or the reason of `signal`.
 */
export async function runProgram(
  program: string,
  argv: readonly string[],
  { timeoutMs, input, signal, cwd = '/' }: ProgramOptions,
): Promise<ProgramResult> {
  signal?.throwIfAborted()
  const stdin = input === undefined ? ({ stdin: 'ignore' } as const) : { input }
  const child = execa(program, argv, { ...CLEAN, cwd, ...stdin })
  const stop = () => kill(child)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutMs)
  signal?.addEventListener('abort', stop)
  // processes that the child leaves behind may keep our pipes open forever
  child.once('exit', stop)
  const result = await child
  clearTimeout(timer)
  signal?.removeEventListener('abort', stop)
  signal?.throwIfAborted()
  if (result.code === 'ENOENT') throw notStarted(program)
  if (timedOut) throw new CephflexError('ETIMEOUT', `${program} did not finish within ${timeoutMs / 1000} s`)
  return { exitCode: result.exitCode, stdout: String(result.stdout), stderr: String(result.stderr) }
}

/**
 * Starts a program that outlives this process: its own session, no stdin, output
 * appended to `logFile` (0600). Nothing here waits for it or stops it.
 *
 * @throws CephflexError ENOTOOL.
 */
export async function spawnDaemon(
  program: string,
  argv: readonly string[],
  { logFile, cwd }: { logFile: string; cwd: string },
): Promise<SpawnedDaemon> {
  const log = await fs.open(logFile, 'a', 0o600)
  try {
    // not execa, which would pass the output through this process
    const child = spawn(program, argv, { cwd, env: CLEAN.env, detached: true, stdio: ['ignore', log, log] })
    const exited = new Promise<void>(done => child.once('exit', () => done()).once('error', () => done()))
    if (child.pid === undefined) throw notStarted(program)
    child.unref()
    return { pid: child.pid, exited }
  } finally {
    await fs.close(log)
  }
}

/**
 * Starts a program that reads and writes lines. The caller must stop it: `end`,
 * then `kill` after a grace period.
 */
export function spawnLineProcess(
  program: string,
  argv: readonly string[],
  onLine: (line: string) => void,
): LineProcess {
  const child = execa(program, argv, { ...CLEAN, cwd: '/', stdin: 'pipe', buffer: false })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-KEPT_CHARACTERS)
  })
  // `exited` reports a child that has exited; a failed write need not report it again
  child.stdin.on('error', () => undefined)
  createInterface({ input: child.stdout }).on('line', onLine)
  child.once('exit', () => kill(child))
  return {
    write: line => child.stdin.write(`${line}\n`),
    end: () => child.stdin.end(),
    kill: () => kill(child),
    exited: child.then(() => stderr),
  }
}

/**
 * Runs a program that a person watches: with this process's environment, which
 * may name a proxy, and its output. @returns the exit code; undefined if it was not started.
 */
export async function runAttached(program: string, argv: readonly string[]): Promise<number | undefined> {
  const { exitCode } = await execa(program, argv, {
    reject: false,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  })
  return exitCode
}

/** Asynchronous disk access for commands; files.ts has the rest. */
export const asyncFiles = {
  /** Creates a directory and its parents, and sets its mode, whatever the umask is. */
  ensureDir: async (path: string, mode = 0o700): Promise<void> => {
    await fs.ensureDir(path, mode)
    await fs.chmod(path, mode)
  },
  /** Writes a file of mode 0600. */
  outputFile: (path: string, text: string): Promise<void> => fs.outputFile(path, text, { mode: 0o600 }),
  /** Atomically replaces a file with mode 0644. @throws CephflexError EBADREQUEST if it cannot be written. */
  publish: async (path: string, text: string): Promise<void> => {
    const temporary = `${path}.${process.pid}.tmp`
    try {
      await fs.writeFile(temporary, text, { mode: 0o644 })
      await fs.chmod(temporary, 0o644)
      await fs.rename(temporary, path)
    } catch (error) {
      await fs.remove(temporary)
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN'
      throw new CephflexError('EBADREQUEST', `${path} cannot be written: ${reason}`, {
        hint: 'choose a file in an existing directory',
      })
    }
  },
  /** Removes a file, or a directory with its content, if it exists. */
  remove: (path: string): Promise<void> => fs.remove(path),
}

function notStarted(program: string) {
  return new CephflexError('ENOTOOL', `${program} is not installed on this node`)
}

/** Kills a child and all it started: a process group may outlive its leader. */
function kill({ pid }: { pid?: number | undefined }) {
  if (pid !== undefined) killGroup(pid)
}
