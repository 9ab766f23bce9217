import { Command, Option } from 'commander'
import { volumeNames } from '../../core/provision/names.js'
import { formatQuantity, parseQuantity } from '../../core/provision/quantity.js'
import { createVolume, deleteVolume, expandVolume } from '../../ops/provision/volumes.js'
import type { CommandIo } from '../terminal/command-io.js'
import { withAccess, withAccessOptions } from './admin-access.js'
import { claimOf, type VolumeCommandFlags as Flags, printOutcome } from './print-volume.js'

/** `cephflex volume create`. */
export function create(io: CommandIo): Command {
  return withAccessOptions(new Command('create'))
    .description('make a directory with a quota and its own user; does nothing if it is there')
    .argument('<name>', 'name of the PersistentVolume it is for')
    .requiredOption('--size <quantity>', 'such as 10Gi')
    .addOption(
      new Option('--access <mode>').choices(['ReadWriteMany', 'ReadOnlyMany']).default('ReadWriteMany'),
    )
    .option('--pool <pool>', 'a data pool of the file system')
    .option('--mode <octal>', 'mode of the top directory')
    .option('--claim <ns/name>', 'name it after this claim')
    .option('--dry-run', 'print the steps and change nothing')
    .option('--json', 'print JSON')
    .action(
      async (pv: string, flags: Flags & { size: string; access: string; pool?: string; mode?: string }) => {
        const sizeBytes = parseQuantity(flags.size)
        const claim = claimOf(flags.claim)
        await withAccess(flags, async ({ provisioner, parameters }) => {
          const request = {
            pv,
            names: volumeNames(pv, provisioner.cluster.backend, claim),
            sizeBytes,
            readOnly: flags.access === 'ReadOnlyMany',
            pool: parameters.pool,
            mode: parameters.mode,
          }
          const outcome = await createVolume(provisioner, request, flags)
          const { path = '', user = '' } = outcome.volume ?? {}
          const text = `${pv}: ${formatQuantity(sizeBytes)} in ${path}, for client.${user}`
          printOutcome(io, flags, { outcome, text, claimRoot: provisioner.cluster.claimRoot })
        })
      },
    )
}

/** `cephflex volume delete`. */
export function remove(io: CommandIo): Command {
  return withAccessOptions(new Command('delete'))
    .description('remove a volume, its user and its data; does nothing if it is gone')
    .argument('<name>')
    .addOption(
      new Option('--on-delete <what>', 'keep the data under another name, or where it is')
        .choices(['delete', 'archive', 'retain'])
        .default('delete'),
    )
    .option('--claim <ns/name>', 'the claim it is named after')
    .option('--dry-run', 'print the steps and change nothing')
    .option('--json', 'print JSON')
    .action(async (pv: string, flags: Flags & { onDelete: 'delete' | 'archive' | 'retain' }) => {
      const claim = claimOf(flags.claim)
      await withAccess(flags, async ({ provisioner }) => {
        const { dryRun = false, onDelete } = flags
        const outcome = await deleteVolume(provisioner, pv, { claim, onDelete, dryRun })
        const text = outcome.steps.length === 0 ? `${pv} is gone already` : `${pv} is removed`
        printOutcome(io, flags, { outcome, text, claimRoot: provisioner.cluster.claimRoot })
      })
    })
}

/** `cephflex volume expand`. */
export function expand(io: CommandIo): Command {
  return withAccessOptions(new Command('expand'))
    .description('give a volume more room')
    .argument('<name>')
    .requiredOption('--size <quantity>', 'the new size, such as 20Gi')
    .option('--claim <ns/name>', 'the claim it is named after')
    .option('--dry-run', 'print the steps and change nothing')
    .option('--json', 'print JSON')
    .action(async (pv: string, flags: Flags & { size: string }) => {
      const sizeBytes = parseQuantity(flags.size)
      const claim = claimOf(flags.claim)
      await withAccess(flags, async ({ provisioner }) => {
        const outcome = await expandVolume(provisioner, pv, sizeBytes, {
          claim,
          dryRun: flags.dryRun ?? false,
        })
        const text = `${pv} has ${formatQuantity(sizeBytes)}`
        printOutcome(io, flags, { outcome, text, claimRoot: provisioner.cluster.claimRoot })
      })
    })
}
