import { Command, Option } from 'commander'
import { CephflexError } from '../../core/errors.js'
import { tenantVolumeNames, type VolumeNames, volumeNames } from '../../core/provision/names.js'
import { formatQuantity, parseQuantity, quotaFor } from '../../core/provision/quantity.js'
import { tenantFor } from '../../core/provision/tenant.js'
import type { ClusterInfo, OnDelete } from '../../core/provision/volume.js'
import { printable } from '../../core/text/printable.js'
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
    .addOption(
      new Option(
        '--namespace <uid>',
        'share the user of a Kubernetes namespace, as userPer "namespace" does: its uid, or a name of your choice',
      ).conflicts('claim'),
    )
    .option('--dry-run', 'print the steps, but change nothing')
    .option('--json', 'print JSON')
    .action(async (pv: string, flags: CreateFlags) => {
      const sizeBytes = parseQuantity(flags.size)
      const userPer = flags.namespace === undefined ? 'volume' : 'namespace'
      await withAccess({ ...flags, userPer }, async ({ provisioner, parameters }) => {
        const request = {
          pv,
          names: namesFor(pv, { ...flags, pool: parameters.pool }, provisioner.cluster),
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
    })
}

type CreateFlags = Flags & { size: string; access: string; pool?: string; mode?: string; namespace?: string }

type NameFlags = Pick<CreateFlags, 'claim' | 'namespace'> & { pool: string | undefined }

function namesFor(pv: string, { claim, namespace, pool }: NameFlags, cluster: ClusterInfo): VolumeNames {
  if (namespace === undefined) return volumeNames(pv, cluster.backend, claimOf(claim))
  if (!/^[a-z0-9-]{1,63}$/.test(namespace))
    throw new CephflexError('EBADVOLUME', `--namespace ${printable(namespace)} is neither a uid nor a name`, {
      hint: 'print the uid with "kubectl get namespace NAME --output jsonpath={.metadata.uid}"',
    })
  return tenantVolumeNames(pv, tenantFor(namespace, cluster, pool))
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
