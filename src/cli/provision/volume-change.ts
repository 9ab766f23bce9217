import { Command, Option } from 'commander'
import { volumeNames } from '../../core/provision/names.js'
import { formatQuantity, parseQuantity, quotaFor } from '../../core/provision/quantity.js'
import type { OnDelete } from '../../core/provision/volume.js'
import { createVolume, deleteVolume, expandVolume } from '../../ops/provision/volumes.js'
import type { CommandIo } from '../terminal/command-io.js'
import { withAccess, withAccessOptions } from './admin-access.js'
import { claimOf, type VolumeCommandFlags as Flags, printOutcome } from './print-volume.js'

/** `cephflex volume create`. */
export function create(io: CommandIo): Command {
  return withAccessOptions(new Command('create'))
    .description('create a directory with a quota and a dedicated user; does nothing if the volume exists')
    .argument('<name>', 'name of the PersistentVolume')
    .requiredOption('--size <quantity>', 'size, such as 10Gi')
    .addOption(
      new Option('--access <mode>', 'access mode')
        .choices(['ReadWriteMany', 'ReadOnlyMany'])
        .default('ReadWriteMany'),
    )
    .option('--pool <pool>', 'data pool of the file system')
    .option('--mode <octal>', 'mode of the top directory')
    .option('--claim <ns/name>', 'name directory and user after this claim')
    .option('--dry-run', 'print the steps, but change nothing')
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
          const { path = '', user = '', sizeBytes: quota = quotaFor(sizeBytes) } = outcome.volume ?? {}
          const text = `${pv}: ${formatQuantity(quota)} in ${path}, for client.${user}`
          printOutcome(io, flags, { outcome, text, claimRoot: provisioner.cluster.claimRoot })
        })
      },
    )
}

/** `cephflex volume delete`. */
export function remove(io: CommandIo): Command {
  return withAccessOptions(new Command('delete'))
    .description('delete a volume, its user and its data; does nothing if the volume does not exist')
    .argument('<name>')
    .addOption(
      new Option(
        '--on-delete <what>',
        'archive: keep the data under another name; retain: keep it in place (default: as created)',
      ).choices(['delete', 'archive', 'retain']),
    )
    .option('--claim <ns/name>', 'the claim that the volume is named after')
    .option('--dry-run', 'print the steps, but change nothing')
    .option('--json', 'print JSON')
    .action(async (pv: string, flags: Flags & { onDelete?: OnDelete }) => {
      const claim = claimOf(flags.claim)
      await withAccess(flags, async ({ provisioner }) => {
        const { dryRun = false, onDelete } = flags
        const outcome = await deleteVolume(provisioner, pv, { claim, dryRun, ...(onDelete && { onDelete }) })
        const text = outcome.steps.length === 0 ? `${pv} does not exist` : `${pv} was deleted`
        printOutcome(io, flags, { outcome, text, claimRoot: provisioner.cluster.claimRoot })
      })
    })
}

/** `cephflex volume expand`. */
export function expand(io: CommandIo): Command {
  return withAccessOptions(new Command('expand'))
    .description('increase the size of a volume')
    .argument('<name>')
    .requiredOption('--size <quantity>', 'new size, such as 20Gi')
    .option('--claim <ns/name>', 'the claim that the volume is named after')
    .option('--dry-run', 'print the steps, but change nothing')
    .option('--json', 'print JSON')
    .action(async (pv: string, flags: Flags & { size: string }) => {
      const sizeBytes = parseQuantity(flags.size)
      const claim = claimOf(flags.claim)
      await withAccess(flags, async ({ provisioner }) => {
        const outcome = await expandVolume(provisioner, pv, sizeBytes, {
          claim,
          dryRun: flags.dryRun ?? false,
        })
        const text = `${pv} now has ${formatQuantity(quotaFor(sizeBytes))}`
        printOutcome(io, flags, { outcome, text, claimRoot: provisioner.cluster.claimRoot })
      })
    })
}
