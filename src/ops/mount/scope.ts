import type { Deadline } from '../../core/deadline.js'
import { groupsOutside, inGroups } from '../../core/mounters/control-groups.js'
import { inScope, SCOPE_PROBE } from '../../core/mounters/scope.js'
import type { ProgramName } from '../../core/programs.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'

const PROBE_MS = 5_000

/** A program with its arguments. */
export type Command = { program: ProgramName; argv: readonly string[] }

/**
 * The command that starts a daemon: in its own systemd scope if systemd runs and scopes work (tried once per boot);
 * otherwise, in a container, outside of its control groups; else unchanged.
 */
export async function scoped(
  system: System,
  limit: Deadline,
  program: ProgramName,
  argv: readonly string[],
): Promise<Command> {
  // the check that sd_booted(3) documents
  const isSystemd = system.files.kind('/run/systemd/system') === 'directory'
  if (isSystemd && (await scopesWork(system, limit))) return inScope(program, argv)
  return outsideContainer(system, program, argv)
}

/** A program that is missing stays unwrapped: the shell would report that differently. */
function outsideContainer(system: System, program: ProgramName, argv: readonly string[]): Command {
  const { files, find, mountInfo } = system
  const groups = groupsOutside(
    files.tryRead('/proc/self/cgroup') ?? '',
    files.tryRead('/proc/1/cgroup') ?? '',
    mountInfo(),
  )
  const path = groups.length > 0 && find('sh') !== undefined ? find(program) : undefined
  return path === undefined ? { program, argv } : inGroups(groups, path, argv)
}

async function scopesWork({ config, files, run, bootId, log }: System, limit: Deadline): Promise<boolean> {
  const cache = `${config.runDirectory}/scope`
  const [boot, works] = (files.tryRead(cache) ?? '').trim().split(' ')
  if (boot === bootId()) return works === 'yes'
  const options = { timeoutMs: limit.share(0.5, 200, PROBE_MS) }
  const result = await optional(run(SCOPE_PROBE.program, SCOPE_PROBE.argv, options))
  const { exitCode, stderr } = result ?? {}
  log('scope', { works: exitCode === 0, stderr })
  // a probe that timed out proves nothing about this boot
  if (exitCode !== undefined) files.tryReplace(cache, `${bootId()} ${exitCode === 0 ? 'yes' : 'no'}\n`)
  return exitCode === 0
}
