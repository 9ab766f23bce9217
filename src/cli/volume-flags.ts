import type { Command } from 'commander'
import { CLIENTS } from '../core/mounters/index.js'
import { oneOf } from '../core/text/one-of.js'
import type { VolumeArguments } from '../ops/volume/read-volume.js'

export type VolumeFlags = { options?: string; keyFile?: string; volume?: string } & {
  [K in keyof typeof FLAGS]?: string
}

/** Adds the flags that describe a volume. */
export function withVolumeFlags(command: Command): Command {
  command
    .option(
      '--options <file>',
      'file with a PersistentVolume or pod (YAML or JSON), or the kubelet\'s JSON; "-" reads stdin',
    )
    .option('--volume <name>', 'which volume, if the file contains several')
    .option('--key-file <file>', 'file with a keyring or a bare key; "-" reads stdin')
  for (const [flag, means] of Object.values(FLAGS)) command.option(flag, means)
  return command
}

/** The volume in the flags; undefined if none of them is set. */
export function volumeArguments(flags: VolumeFlags): VolumeArguments | undefined {
  const { options, volume, keyFile } = flags
  const set = Object.fromEntries(
    Object.keys(FLAGS).flatMap(name => {
      const value = flags[name as keyof typeof FLAGS]
      return value === undefined ? [] : [[name, value]]
    }),
  ) as Record<string, string>
  if (options === undefined && keyFile === undefined && Object.keys(set).length === 0) return undefined
  return {
    set,
    ...(options === undefined ? {} : { options }),
    ...(volume === undefined ? {} : { volume }),
    ...(keyFile === undefined ? {} : { keyFile }),
  }
}

/** The volume options that have a flag of their own. */
const FLAGS = {
  monitors: ['--monitors <list>', 'monitor addresses, as in the volume option'],
  user: ['--user <name>', 'Ceph user'],
  path: ['--path <dir>', 'directory in the file system'],
  fsName: ['--fs-name <name>', 'file system'],
  mounter: ['--mounter <name>', oneOf(['auto', ...CLIENTS])],
  mountOptions: ['--mount-options <list>', 'mount options'],
  timeoutSeconds: ['--timeout-seconds <n>', 'time limit for each call in seconds'],
} as const
