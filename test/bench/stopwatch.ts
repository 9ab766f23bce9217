import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

/** A command and the environment it gets; nothing else is inherited. */
export type Command = {
  argv: readonly [string, ...string[]]
  env: Readonly<Record<string, string>>
}

const LIMIT_MS = 60_000

/**
 * Runs a command to its end. Its output goes to a file, so that a daemon that keeps it open is not waited for.
 *
 * @returns milliseconds until it ended, and what it printed.
 * @throws Error if it does not end with 0, or not in a minute.
 */
export function timed({ argv, env }: Command, scratch: string): Promise<{ ms: number; output: string }> {
  const fd = openSync(scratch, 'w', 0o600)
  const [program, ...args] = argv
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    const child = spawn(program, args, { cwd: '/', env, detached: true, stdio: ['ignore', fd, fd] })
    closeSync(fd)
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      const ms = performance.now() - begin
      clearTimeout(timer)
      const output = readFileSync(scratch, 'utf8')
      if (code === 0) resolve({ ms, output })
      else reject(new Error(`${program} ${args[0] ?? ''} ended with ${code ?? signal}: ${output}`))
    })
  })
}

/**
 * Runs a command under time(1) of GNU, which costs time: never in a run that is measured.
 *
 * @returns the largest resident set of one process of its tree that was waited for (ru_maxrss), in KiB.
 */
export async function peakKiB({ argv, env }: Command, scratch: string): Promise<number> {
  const note = `${scratch}.peak`
  await timed({ argv: ['/usr/bin/time', '-f', '%M', '-o', note, ...argv], env }, scratch)
  return Number(readFileSync(note, 'utf8').trim())
}
