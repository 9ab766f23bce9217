import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { execa, type Options } from 'execa'

/** System calls of the driver's main thread that change something, start a child, or check the result. */
const WATCHED = [
  'openat',
  'mkdir',
  'rmdir',
  'unlink',
  'rename',
  'bind',
  'listen',
  'clone',
  'vfork',
  'wait4',
  'fchmod',
]

/** One point of a call of the driver: the nth time it enters this system call. */
export type Point = { syscall: string; nth: number; line: string }

type Traced = { exitCode: number | undefined; signal: string | undefined; output: string; points: Point[] }

/** The result of a call that got a signal at a point. */
export type Hit = Pick<Traced, 'exitCode' | 'signal' | 'output'> & {
  /** The system call at which the signal arrived; undefined if the call ended before. */
  found: string | undefined
}

/**
 * The points of a call, from its first access to `start` on. The same call again and again, as while it waits for the
 * client to end, counts twice: how often it comes depends on the speed of the machine.
 */
export async function pointsOf(
  command: readonly string[],
  options: Options,
  start: string,
): Promise<Point[]> {
  const { points, exitCode, output } = await trace(command, options)
  const first = points.findIndex(({ line }) => line.includes(normal(start)))
  if (exitCode !== 0 || first < 0) throw new Error(`the call to trace failed: ${output}`)
  const isRepeated = (i: number) => [1, 2].every(back => points[i - back]?.line === points[i]?.line)
  return points.filter((_, i) => i >= first && !isRepeated(i))
}

/** Whether a call changes something of the node at this point. One that reads leaves what the next change finds. */
export function isChange({ syscall, line }: Point): boolean {
  return syscall !== 'openat' || (/O_CREAT|O_TMPFILE|O_WRONLY|O_RDWR/.test(line) && !line.includes('/log/'))
}

/** Runs a call and sends it a signal at a point. */
export async function signalAt(
  point: Point,
  name: 'KILL' | 'TERM',
  command: readonly string[],
  options: Options,
): Promise<Hit> {
  const inject = ['-e', `inject=${point.syscall}:signal=${name}:when=${point.nth}`]
  const traced = await trace(command, options, inject)
  const found = traced.points.find(({ syscall, nth }) => syscall === point.syscall && nth === point.nth)
  return { ...traced, found: found?.line }
}

/**
 * Runs a program under strace(1), which traces its main thread only, and no
 * children. With `inject`, a signal arrives as it enters that call.
 */
async function trace(
  command: readonly string[],
  options: Options,
  inject: readonly string[] = [],
): Promise<Traced> {
  const dir = mkdtempSync('/tmp/cephflex-strace-')
  try {
    const argv = ['-o', `${dir}/trace`, '-e', `trace=${WATCHED.join(',')}`, ...inject, '--', ...command]
    const child = await execa('strace', argv, { ...options, all: true, reject: false, timeout: 120_000 })
    if (child.failed && child.exitCode === undefined && child.signal === undefined)
      throw new Error(`strace does not run: ${child.shortMessage}`)
    const { exitCode, signal, all } = child
    return {
      exitCode,
      signal,
      output: String(all ?? ''),
      points: parse(readFileSync(`${dir}/trace`, 'utf8')),
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function parse(text: string): Point[] {
  const seen = new Map<string, number>()
  return text.split('\n').flatMap(line => {
    const syscall = /^(\w+)\(/.exec(line)?.[1]
    if (syscall === undefined) return []
    const nth = (seen.get(syscall) ?? 0) + 1
    seen.set(syscall, nth)
    return [{ syscall, nth, line: normal(line) }]
  })
}

/** Process numbers, start times and hashes differ from run to run. */
function normal(line: string): string {
  return line.replace(/ = .*$| *(<unfinished|\[\{).*$/, '').replace(/[0-9a-f]{16}|\d+/g, '#')
}
