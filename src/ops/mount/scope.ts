import { inScope, SCOPE_PROBE } from '../../core/mounters/scope.js'
import type { System } from '../../system/system.js'

const PROBE_MS = 5_000

/**
 * The command to start a daemon with: in a systemd scope of its own where
 * systemd runs and scopes work (tried once in each boot), else as it is.
 */
export async function scoped(
  system: System,
  program: string,
  argv: readonly string[],
): Promise<{ program: string; argv: readonly string[] }> {
  // the test that systemd itself documents: sd_booted(3)
  const isSystemd = system.files.kind('/run/systemd/system') === 'directory'
  return isSystemd && (await scopesWork(system)) ? inScope(program, argv) : { program, argv }
}

async function scopesWork({ config, files, run, bootId, log }: System): Promise<boolean> {
  const memory = `${config.runDirectory}/scope`
  const [boot, answer] = (files.read(memory) ?? '').trim().split(' ')
  if (boot === bootId()) return answer === 'yes'
  const { exitCode, stderr } = await run(SCOPE_PROBE.program, SCOPE_PROBE.argv, { timeoutMs: PROBE_MS })
  log('scope', { works: exitCode === 0, stderr })
  // a probe that was cut off says nothing about this boot
  if (exitCode !== undefined) files.replace(memory, `${bootId()} ${exitCode === 0 ? 'yes' : 'no'}\n`)
  return exitCode === 0
}
