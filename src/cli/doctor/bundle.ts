import { resolve } from 'node:path'
import { Command } from 'commander'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'
import { withProgress } from '../terminal/progress.js'

/** `cephflex bundle`: an archive for a bug report. */
export function bundle(io: CommandIo): Command {
  return new Command('bundle')
    .description('write an archive for a bug report: doctor, status, logs, versions; keys are masked')
    .argument('[file]', 'file to write (default: cephflex-bundle-TIME.tar.gz in the current directory)')
    .action(async (file: string | undefined) => {
      const [{ makeBundle }, { nodeSystemOrDefault }] = await Promise.all([
        import('../../ops/doctor/bundle.js'),
        import('../node-system.js'),
      ])
      const stamp = new Date().toISOString().replace(/[-:]|\..*/g, '')
      const path = resolve(file ?? `cephflex-bundle-${stamp}.tar.gz`)
      const names = await withProgress(io, 'collecting data, about ten seconds', () =>
        interruptible(async signal => {
          const { system, configProblem } = await nodeSystemOrDefault('bundle', signal)
          return makeBundle(system, { path, program: process.argv[1] ?? '', configProblem })
        }),
      )
      io.out(`${path}: ${names.join(', ')}`)
      io.out(
        'keys are masked; the archive contains names of pods, volumes and hosts: review it before you send it',
      )
    })
}
