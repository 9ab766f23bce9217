import type { InstallOptions } from '../../core/install/options.js'
import type { ProgramName } from '../../core/programs.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'

/** Receives the output of an install, line by line. */
export type InstallReport = {
  /** A line about a step. */
  say: (line: string) => void
  /** A line about a problem that does not stop the install. */
  note: (line: string) => void
}

/** The context of one install. */
export type InstallContext = {
  system: System
  options: InstallOptions
  report: InstallReport
  /** The path with which this program was started. */
  program: string
  /** Aborted when a signal asks this process to exit. */
  signal: AbortSignal
}

/** Time limit for one run of a program: if it hangs, the install must not. */
export const PROGRAM_MS = 60_000

/** Runs a program of the node: if `root` is a whole system, with the libraries of that system. */
export function runOnNode(
  { system, options: { root } }: InstallContext,
  program: ProgramName,
  argv: readonly string[],
): Promise<RunResult> {
  return isSystem(system, root)
    ? system.run('chroot', [root, program, ...argv], { timeoutMs: PROGRAM_MS })
    : system.run(program, argv, { timeoutMs: PROGRAM_MS })
}

/** The same for a driver. `path` is as the node sees it. */
export function runDriver(
  context: InstallContext,
  path: string,
  argv: readonly string[],
): Promise<RunResult> {
  const { system, options } = context
  const seen = isSystem(system, options.root) ? path : `${options.root}${path}`
  // it is absolute; the type of the tables wants to see the slash
  return runOnNode(context, `/${seen.replace(/^\/+/, '')}`, argv)
}

/** Whether `root` contains a whole system, whose programs need its own libraries. */
export function isSystem({ files }: System, root: string): boolean {
  return root !== '' && files.kind(`${root}/bin/sh`) !== 'missing'
}
