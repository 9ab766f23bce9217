import { Command } from 'commander'
import type { RecoveryReport } from '../../core/recover/recovery.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'
import { pause } from '../terminal/pause.js'

const WATCH_MS = 10_000

type Flags = { target?: string; all?: boolean; watch?: boolean; dryRun?: boolean; json?: boolean }

/** `cephflex recover`: remounts the volumes that lost their client. */
export function recover(io: CommandIo): Command {
  return new Command('recover')
    .description('remount volumes of running pods whose client died or was evicted')
    .option('--target <dir>', 'only the volume mounted on this directory')
    .option('--all', 'every volume on this node (the default)')
    .option('--watch', 'check every ten seconds until Ctrl-C')
    .option('--dry-run', 'only list the volumes that need it')
    .option('--json', 'print JSON; with --watch, one line for each volume')
    .action(async (flags: Flags) => {
      await interruptible(async signal => {
        const once = await prepare(io, flags, signal)
        await once()
        while (flags.watch && !signal.aborted) {
          await pause(WATCH_MS, signal)
          if (!signal.aborted) await once()
        }
      })
    })
}

/** Loads everything. @returns a function that checks the node once. */
async function prepare(io: CommandIo, flags: Flags, signal: AbortSignal): Promise<() => Promise<void>> {
  const [{ recoverMounts }, { nodeSystem }, { parseTarget }, { resolveTarget }] = await Promise.all([
    import('../../ops/recover/recover.js'),
    import('../node-system.js'),
    import('../../core/target/target.js'),
    import('../../ops/target/resolve-target.js'),
  ])
  const system = await nodeSystem('recover', signal)
  const only = flags.target === undefined ? undefined : resolveTarget(system, parseTarget(flags.target))
  return async () => {
    const found = await recoverMounts(system, { only, dryRun: flags.dryRun === true })
    await print(io, found, flags)
    if (found.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
  }
}

async function print(io: CommandIo, found: readonly RecoveryReport[], { json, watch }: Flags): Promise<void> {
  const { recoveryLines } = await import('../../core/recover/recovery.js')
  if (json) {
    if (!watch) io.out(JSON.stringify(found, undefined, 2))
    else for (const one of found) io.out(JSON.stringify(one))
  } else if (found.length > 0) io.out(found.flatMap(recoveryLines).join('\n'))
  else if (!watch) io.out('no volume needs recovery')
}
