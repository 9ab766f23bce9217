import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { OBJECTS, type StepResult } from '../../core/mount-test/steps.js'
import { alignedLines } from '../../core/text/table.js'
import type { MountTestReport } from '../../ops/mount-test/mount-test.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'
import { paint } from '../terminal/paint.js'
import { withProgress } from '../terminal/progress.js'
import { type VolumeFlags, volumeArguments, withVolumeFlags } from '../volume-flags.js'

type Flags = VolumeFlags & { size: number; keep: boolean; dryRun: boolean; json: boolean }

const MAX_MIB = 1024

/** `cephflex mount-test`: uses a volume as the kubelet and a pod would. */
export function mountTest(io: CommandIo): Command {
  return withVolumeFlags(
    new Command('mount-test').description(
      'mount a volume in a private place, use it and unmount it; time each step',
    ),
  )
    .option('--size <mib>', 'number of MiB to write and read', size, 4)
    .option('--keep', 'leave the volume mounted, with the test files', false)
    .option('--dry-run', 'print the steps and commands, but do nothing', false)
    .option('--json', 'print JSON', false)
    .action(async (flags: Flags) => {
      const [{ describeMountTest }, { testMount }, { readVolume }, { nodeSystem }] = await Promise.all([
        import('../../ops/mount-test/plan.js'),
        import('../../ops/mount-test/mount-test.js'),
        import('../../ops/volume/read-volume.js'),
        import('../node-system.js'),
      ])
      const report = await interruptible(async signal => {
        const system = await nodeSystem('mount-test', signal)
        const program = process.argv[1] ?? ''
        const named = await readVolume(system, volumeArguments(flags) ?? { set: {} }, program)
        const { options: volume, findings } = named
        const options = { sizeMib: flags.size, keep: flags.keep, findings }
        if (!flags.dryRun)
          return withProgress(io, 'testing the volume', ({ done }) =>
            testMount(system, volume, { ...options, onStep: ({ name }) => done(name) }),
          )
        const steps = describeMountTest(system, volume, options)
        for (const { name, command } of steps) io.out(`${name}:\n  ${command}`)
        return undefined
      })
      if (!report) return
      if (flags.json) io.out(JSON.stringify(report, undefined, 2))
      else print(io, report)
      // the failed step is printed above; this only sets the exit code
      if (!report.ok) throw new CommanderError(1, 'cephflex.failed', '')
    })
}

function size(text: string): number {
  const mib = Number(text)
  if (!Number.isInteger(mib) || mib < 1 || mib > MAX_MIB)
    throw new InvalidArgumentError(`It must be a whole number of MiB from 1 to ${MAX_MIB}.`)
  return mib
}

function print(io: CommandIo, { ok, client, fellBackFrom, steps, target }: MountTestReport): void {
  const lines = alignedLines(steps.map(cells))
  lines.forEach((line, i) => {
    io.out(paint(io, steps[i]?.ok ? 'green' : 'red', line))
  })
  if (client) io.out(`client: ${client}${fellBackFrom ? `, because fuse failed: ${fellBackFrom}` : ''}`)
  if (target) io.out(`left mounted on ${target}; to unmount it: cephflex unmount ${target}`)
  io.out(verdict(ok, steps))
}

function verdict(ok: boolean, steps: readonly StepResult[]): string {
  if (ok) return 'the volume works'
  return steps.some(step => !step.ok && step.name !== OBJECTS)
    ? 'the volume does not work; for details run "cephflex explain" with the code above'
    : 'the volume works, but the kubelet does not mount it for these objects'
}

function cells({ name, ok, ms, note }: StepResult): string[] {
  return [ok ? 'ok' : 'FAIL', `${ms} ms`, name, note]
}
