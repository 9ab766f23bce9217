import type { NodeFacts } from '../../core/doctor/node-facts.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'

const ASK_MS = 2_000

/** The clock, when this program was installed, and whether systemd reports the clock as synchronised. */
export async function clockFact(system: System, program: string): Promise<NodeFacts['clock']> {
  const argv = ['show', '--property=NTPSynchronized', '--value']
  const result = await optional(system.run('timedatectl', argv, { timeoutMs: ASK_MS }))
  const answer = result?.stdout.trim()
  return {
    nowMs: Date.now(),
    builtMs: builtAt(system, program),
    synchronised: answer === 'yes' || answer === 'no' ? answer === 'yes' : undefined,
  }
}

/** `files.version` of a program ends with its modification time in milliseconds and its size. */
function builtAt({ files }: System, program: string): number {
  return Number(files.version(program)?.split(':').at(-2) ?? 0) || 0
}
