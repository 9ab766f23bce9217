import { Argument, Command, CommanderError, Option } from 'commander'
import { clusterEnv, shellAssignments } from '../../core/dev-cluster/env.js'
import {
  type ClusterOptions,
  DAEMON_NAMES,
  type DaemonName,
  DEFAULT_OPTIONS,
  STORES,
} from '../../core/dev-cluster/spec.js'
import {
  type ClusterStatus,
  controlDaemon,
  DAEMON_ACTIONS,
  type DaemonAction,
  devClusterStatus,
} from '../../ops/dev-cluster/control.js'
import { startDevCluster } from '../../ops/dev-cluster/start.js'
import { readSpec } from '../../ops/dev-cluster/state.js'
import { stopDevCluster } from '../../ops/dev-cluster/stop.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'
import { withProgress } from '../terminal/progress.js'

/** `cephflex dev-cluster`: a real Ceph cluster in one directory, for experiments and tests. */
export function devCluster(io: CommandIo): Command {
  const group = new Command('dev-cluster').description('run a disposable single-node CephFS cluster')
  for (const command of [start(io), stop(io), env(io), status(io), ctl()]) group.addCommand(command)
  return group
}

function start(io: CommandIo): Command {
  return new Command('start')
    .description('start a cluster in a new or empty directory; returns when CephFS is active')
    .argument('<dir>', 'directory of the cluster; "stop" removes it')
    .addOption(
      new Option('--store <kind>', 'memstore loses its objects when the OSD is killed')
        .choices(STORES)
        .default(DEFAULT_OPTIONS.store),
    )
    .option('--mgr', 'also start a manager, for "ceph fs subvolume"', false)
    .option('--second-fs', 'also create a file system named "second"', false)
    .option(
      '--address <address>',
      '127.x.y.z or "auto"; any address but 127.0.0.1 uses the standard ports',
      DEFAULT_OPTIONS.address,
    )
    .option('--ipv6', 'use [::1]', false)
    .option('--verbose', 'print the time of each phase', false)
    .action(async (dir: string, { verbose, ...options }: ClusterOptions & { verbose: boolean }) => {
      const spec = await withProgress(
        io,
        'starting a cluster',
        ({ done }) => interruptible(signal => startDevCluster(dir, { ...options, signal, onPhase: done })),
        verbose ? io.err : undefined,
      )
      io.out(`CephFS is up in ${spec.dir}; to use it: eval "$(cephflex dev-cluster env ${spec.dir})"`)
    })
}

function stop(io: CommandIo): Command {
  return new Command('stop')
    .description('stop a cluster with its clients and mounts, and remove its directory')
    .argument('<dir>')
    .action(async (dir: string) => {
      await stopDevCluster(dir)
      if (io.tty) io.err(`${dir} was removed`)
    })
}

type JsonOption = { json?: boolean }

function env(io: CommandIo): Command {
  return new Command('env')
    .description('print shell variables for using the cluster')
    .argument('<dir>')
    .option('--json', 'print JSON')
    .action((dir: string, { json }: JsonOption) => {
      const values = clusterEnv(readSpec(dir))
      const lines = json ? [JSON.stringify(values)] : shellAssignments(values)
      for (const line of lines) io.out(line)
    })
}

function status(io: CommandIo): Command {
  return new Command('status')
    .description(
      'print the state of each daemon and file system; exit code 0 if all are healthy, otherwise 1',
    )
    .argument('<dir>')
    .option('--json', 'print JSON')
    .action(async (dir: string, { json }: JsonOption) => {
      const found = await devClusterStatus(dir)
      const lines = json ? [JSON.stringify(found)] : statusLines(found)
      for (const line of lines) io.out(line)
      // the state is printed above; this only sets the exit code
      if (!found.ok) throw new CommanderError(1, 'cephflex.failed', '')
    })
}

function statusLines({ daemons, fileSystems }: ClusterStatus): string[] {
  return [
    ...daemons.map(
      ({ name, state, pid }) => `${name.padEnd(8)}${state}${pid === undefined ? '' : ` ${pid}`}`,
    ),
    ...fileSystems.map(({ name, state }) => `${name.padEnd(8)}${state}`),
  ]
}

function ctl(): Command {
  return new Command('ctl')
    .description('pause, resume, stop or restart one daemon')
    .argument('<dir>')
    .addArgument(new Argument('<daemon>').choices(DAEMON_NAMES))
    .addArgument(new Argument('<action>').choices(DAEMON_ACTIONS))
    .action((dir: string, daemon: DaemonName, action: DaemonAction) => controlDaemon(dir, daemon, action))
}
