import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { execa, type Options } from 'execa'
import fs from 'fs-extra'
import { CephflexError } from '../core/errors.js'
import { killGroup } from './run.js'

/**
 * Programs and files for people's commands. A driver call never loads this
 * file: importing the two libraries costs more than a mount.
 */

/** The only PATH children get. */
export const TOOL_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** A fresh environment: inherited CEPH_* variables would override files of the daemons. */
const CLEAN = {
  extendEnv: false,
  env: { PATH: TOOL_PATH, LC_ALL: 'C' },
  detached: true,
  reject: false,
} as const satisfies Options

export type ProgramOptions = {
  /** After this the whole process group is killed. */
  timeoutMs: number
  input?: string
  /** Kills the process group; the call then throws the reason. */
  signal?: AbortSignal
  cwd?: string
}

export type ProgramResult = { exitCode: number | undefined; stdout: string; stderr: string }

export type SpawnedDaemon = { pid: number; exited: Promise<void> }

/** How much of the error output of a talking child is kept: what it says last is why it failed. */
const KEPT_CHARACTERS = 4_000

export type LineProcess = {
  write: (line: string) => void
  /** Ends its stdin, which is how it is asked to end. */
  end: () => void
  kill: () => void
  /** What it wrote to stderr, its last part. Never rejects. */
  exited: Promise<string>
}

/**
 * Runs a program to its end: no shell, a clean environment, a process group of
 * its own that is gone when this returns. A failed exit code is a value.
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
  // what a child left behind may hold our pipes open for ever
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
 * Starts a program that outlives this process: own session, no stdin, all its
 * output at the end of `logFile` (0600). Nothing here waits for it or ends it.
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
    // not execa: it would put itself between the daemon and its log
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
 * Starts a program that is spoken to line by line. The caller owns its end:
 * `end`, then `kill` after a while.
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
  // a child that has gone is seen by `exited`; the write that met it need not say so too
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

/** Disk access for people's commands, asynchronous; see files.ts for the rest. */
export const toolFiles = {
  /** Makes a directory and its parents; it has `mode` afterwards whatever the umask is. */
  ensureDir: async (path: string, mode = 0o700): Promise<void> => {
    await fs.ensureDir(path, mode)
    await fs.chmod(path, mode)
  },
  /** Writes a file of mode 0600. */
  outputFile: (path: string, text: string): Promise<void> => fs.outputFile(path, text, { mode: 0o600 }),
  /** Replaces a file that everybody may read, as a whole: a reader sees the old text or the new one. */
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
  /** Removes a file or a directory with all it holds; nothing happens if there is none. */
  remove: (path: string): Promise<void> => fs.remove(path),
}

function notStarted(program: string) {
  return new CephflexError('ENOTOOL', `${program} is not installed on this node`)
}

/** Ends a child and all it started; a group whose leader is gone may still have members. */
function kill({ pid }: { pid?: number | undefined }) {
  if (pid !== undefined) killGroup(pid)
}
