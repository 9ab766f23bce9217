import { execa } from 'execa'
import type { CheckResult } from '../../src/core/doctor/check.js'
import { DRIVER } from '../lab/node.js'
import { asItIs } from './coverage.js'

/** The built program, as people run it. */
export const PROGRAM = DRIVER

const LIMIT_MS = 60_000

export type Run = { code: number | undefined; out: string; err: string; ms: number }

type Options = {
  env?: Record<string, string>
  input?: string
  cwd?: string
  program?: string
  signal?: AbortSignal
}

/**
 * Runs it in mount and pid namespaces of its own, after shell commands that change its view of the
 * node. The mounts are real, and disappear when it ends.
 */
export function inNamespace(prepare: string, args: readonly string[], options: Options = {}): Promise<Run> {
  return cephflex(
    [
      '-m',
      '-p',
      '-f',
      '--mount-proc',
      '--kill-child',
      '--propagation',
      'private',
      'sh',
      '-ec',
      `${prepare}\nexec "$0" "$@"`,
      options.program ?? PROGRAM,
      ...args,
    ],
    { ...options, program: 'unshare' },
  )
}

/** Runs a command of the program to its end. */
export async function cephflex(
  args: readonly string[],
  { env = {}, input, cwd, program = PROGRAM, signal }: Options = {},
): Promise<Run> {
  const start = performance.now()
  const { exitCode, stdout, stderr, timedOut } = await execa(...asItIs(program, args), {
    env,
    reject: false,
    timeout: LIMIT_MS,
    ...(cwd === undefined ? {} : { cwd }),
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    ...(signal === undefined ? {} : { cancelSignal: signal, forceKillAfterDelay: false as const }),
  })
  if (timedOut) throw new Error(`cephflex ${args.join(' ')} did not end`)
  return { code: exitCode, out: stdout, err: stderr, ms: performance.now() - start }
}

/** The results of `doctor --json`, by id. */
export function resultsOf({ out, err }: Run): Record<string, CheckResult> {
  try {
    return Object.fromEntries((JSON.parse(out) as CheckResult[]).map(result => [result.id, result]))
  } catch {
    throw new Error(`no JSON: ${out} ${err}`)
  }
}
