import { Command } from 'commander'
import type { CephflexError } from '../../core/errors.js'
import type { RecoveryReport } from '../../core/recover/recovery.js'
import type { ReapReport } from '../../ops/recover/reap.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'
import { pause } from '../terminal/pause.js'
import { reapLine } from './reap.js'

type Flags = {
  target?: string
  all?: boolean
  watch?: boolean
  reap?: boolean
  podLogs: string
  metrics?: string
  dryRun?: boolean
  json?: boolean
}

/** `cephflex recover`: remounts the volumes that lost their client. */
export function recover(io: CommandIo): Command {
  return new Command('recover')
    .description('remount volumes of running pods whose client died or was evicted')
    .option('--target <dir>', 'only the volume mounted on this directory')
    .option('--all', 'every volume on this node (the default)')
    .option('--watch', 'look every three seconds until Ctrl-C, and remount what lost its client')
    .option('--reap', 'with --watch: also unmount volumes of deleted pods every minute, as "cephflex reap"')
    .option('--pod-logs <dir>', 'with --reap: directory where the kubelet keeps pod logs', '/var/log/pods')
    .option(
      '--metrics <file>',
      'with --watch: replace this file with the output of "cephflex metrics", every minute and after a recovery',
    )
    .option('--dry-run', 'only list the volumes that need it')
    .option('--json', 'print JSON; with --watch, one line for each volume')
    .action(async (flags: Flags) => {
      await interruptible(signal => (flags.watch ? watch : once)(io, flags, signal))
    })
}

async function once(io: CommandIo, flags: Flags, signal: AbortSignal): Promise<void> {
  const [{ recoverMounts }, { CephflexError }] = await Promise.all([
    import('../../ops/recover/recover.js'),
    import('../../core/errors.js'),
  ])
  if (flags.reap || flags.metrics !== undefined)
    throw new CephflexError('EUSAGE', '--reap and --metrics require --watch', {
      hint: 'run "cephflex reap" or "cephflex metrics"',
    })
  const { system, only } = await prepare(flags, signal)
  const found = await recoverMounts(system, { only, dryRun: flags.dryRun === true })
  await print(io, found, flags)
  if (found.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
}

/** Ends with code 0 whatever happened: a service that is stopped has not failed. */
async function watch(io: CommandIo, flags: Flags, signal: AbortSignal): Promise<void> {
  const { watchNode } = await import('../../ops/recover/watch.js')
  const { system, only } = await prepare(flags, signal)
  const { reap, podLogs, metrics, dryRun = false } = flags
  const listener = {
    recovered: (found: readonly RecoveryReport[]) => print(io, found, flags),
    reaped: (found: readonly ReapReport[]) => {
      for (const one of found.filter(({ outcome }) => outcome === 'removed' || outcome === 'failed'))
        io.out(flags.json ? JSON.stringify(one) : reapLine(one))
    },
    failed: ({ code, message }: CephflexError) => io.err(`note: ${code}: ${message}`),
  }
  const options = { only, dryRun, ...(reap && { reap: { podLogs } }), metrics }
  await watchNode(system, options, listener, { signal, pause: ms => pause(ms, signal) })
}

async function prepare(flags: Flags, signal: AbortSignal) {
  const [{ nodeSystem }, { parseTarget }, { resolveTarget }] = await Promise.all([
    import('../node-system.js'),
    import('../../core/target/target.js'),
    import('../../ops/target/resolve-target.js'),
  ])
  const system = await nodeSystem('recover', signal)
  const only = flags.target === undefined ? undefined : resolveTarget(system, parseTarget(flags.target))
  return { system, only }
}

async function print(io: CommandIo, found: readonly RecoveryReport[], { json, watch }: Flags): Promise<void> {
  const { recoveryLines } = await import('../../core/recover/recovery.js')
  if (json) {
    if (!watch) io.out(JSON.stringify(found, undefined, 2))
    else for (const one of found) io.out(JSON.stringify(one))
  } else if (found.length > 0) io.out(found.flatMap(recoveryLines).join('\n'))
  else if (!watch) io.out('no volume needs recovery')
}
