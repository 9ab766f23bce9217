import { Command, CommanderError } from 'commander'
import type { CheckResult, Status } from '../../core/doctor/check.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'
import { type Colour, paint } from '../terminal/paint.js'
import { type VolumeFlags, volumeArguments, withVolumeFlags } from '../volume-flags.js'

type Flags = VolumeFlags & { cluster?: string; check?: string; json?: boolean }

const COLOURS: Readonly<Record<Status, Colour>> = { pass: 'green', warn: 'yellow', fail: 'red', skip: 'grey' }

/** `cephflex doctor`: checks this node and the way to a cluster, and prints how to fix what fails. */
export function doctor(io: CommandIo): Command {
  return withVolumeFlags(
    new Command('doctor')
      .description('check this node, and optionally the way to a cluster; report what to fix')
      .option('--cluster <name>', 'a cluster in the node configuration; checks only its monitors'),
  )
    .option('--check <id>', 'run only this check')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 if all checks pass or are skipped, 1 for a warning, 2 for a failure. Takes at most about ten seconds.',
    )
    .action(async (flags: Flags) => {
      const [{ examine }, { nodeSystemOrDefault }, { exitCodeOf }] = await Promise.all([
        import('../../ops/doctor/doctor.js'),
        import('../node-system.js'),
        import('../../core/doctor/check.js'),
      ])
      const { cluster, check, json } = flags
      const volume = volumeArguments(flags)
      const results = await interruptible(async signal => {
        const { system, configProblem } = await nodeSystemOrDefault('doctor', signal)
        return examine(system, { program: process.argv[1] ?? '', configProblem, cluster, volume, check })
      })
      if (json) io.out(JSON.stringify(results, undefined, 2))
      else print(io, results)
      const code = exitCodeOf(results)
      // the reasons are printed above; this only sets the exit code
      if (code !== 0) throw new CommanderError(code, 'cephflex.failed', '')
    })
}

function print(io: CommandIo, results: readonly CheckResult[]): void {
  const width = Math.max(...results.map(({ id }) => id.length))
  for (const { id, status, message, fix } of results) {
    io.out(`${paint(io, COLOURS[status], status)}  ${id.padEnd(width)}  ${message}`)
    if (fix) io.out(`${' '.repeat(width + 8)}fix: ${fix}`)
  }
  const count = (status: Status) => results.filter(result => result.status === status).length
  const counts = (['pass', 'warn', 'fail', 'skip'] as const).map(status => `${count(status)} ${status}`)
  io.out(counts.join(', '))
}
