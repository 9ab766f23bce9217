import { Command } from 'commander'
import type { ReapReport } from '../../ops/recover/reap.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'

type Flags = { dryRun?: boolean; json?: boolean; podLogs: string }

/** `cephflex reap`: unmounts the volumes of deleted pods. */
export function reap(io: CommandIo): Command {
  return new Command('reap')
    .description('unmount volumes of deleted pods, and remove their empty directories')
    .option('--dry-run', 'only list them, and the reason why others are kept')
    .option('--json', 'print JSON')
    .option('--pod-logs <dir>', 'directory where the kubelet keeps pod logs', '/var/log/pods')
    .action(async ({ dryRun = false, json, podLogs }: Flags) => {
      const [{ reapOrphans }, { nodeSystem }] = await Promise.all([
        import('../../ops/recover/reap.js'),
        import('../node-system.js'),
      ])
      await interruptible(async signal => {
        const found = await reapOrphans(await nodeSystem('reap', signal), { dryRun, podLogs })
        if (found.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
        io.out(json ? JSON.stringify(found, undefined, 2) : textOf(found))
      })
    })
}

function textOf(found: readonly ReapReport[]): string {
  return found.map(reapLine).join('\n') || 'no volume is mounted'
}

/** One volume or client as `cephflex reap` prints it. */
export function reapLine({ target, outcome, reason }: ReapReport): string {
  return `${outcome}: ${target}${reason === undefined ? '' : ` (${reason})`}`
}
