import { Command, Option } from 'commander'
import { formatQuantity, parseQuantity } from '../../core/provision/quantity.js'
import { purgeKept } from '../../ops/provision/purge.js'
import { restoreKept } from '../../ops/provision/restore.js'
import type { CommandIo } from '../terminal/command-io.js'
import { withAccess, withAccessOptions } from './admin-access.js'
import { claimOf, type VolumeCommandFlags as Flags, printOutcome } from './print-volume.js'

/** The argument of both commands. */
const KEPT = ['<kept>', 'name of the deleted volume, or path of its data as "volume list" prints it'] as const

/** `cephflex volume purge`. */
export function purge(io: CommandIo): Command {
  return withAccessOptions(new Command('purge'))
    .description('delete data that was kept when its volume was deleted; does nothing if it does not exist')
    .argument(...KEPT)
    .option('--dry-run', 'print the steps, but change nothing')
    .option('--json', 'print JSON')
    .action(async (kept: string, flags: Flags) => {
      await withAccess(flags, async ({ provisioner }) => {
        const { path, ...outcome } = await purgeKept(provisioner, kept, flags)
        const text = path === undefined ? `${kept} does not exist` : `${path} was deleted`
        printOutcome(io, flags, { outcome, text, claimRoot: provisioner.cluster.claimRoot })
      })
    })
}

/** `cephflex volume restore`. */
export function restore(io: CommandIo): Command {
  return withAccessOptions(new Command('restore'))
    .description('make kept data a volume again, with a new user; does nothing if that was done')
    .argument(...KEPT)
    .requiredOption('--as <name>', 'name of the new PersistentVolume')
    .option('--size <quantity>', 'new size, such as 20Gi (default: as before)')
    .addOption(
      new Option('--access <mode>', 'access mode (default: as before)').choices([
        'ReadWriteMany',
        'ReadOnlyMany',
      ]),
    )
    .option('--claim <ns/name>', 'name directory and user after this claim')
    .option('--dry-run', 'print the steps, but change nothing')
    .option('--json', 'print JSON')
    .action(async (kept: string, flags: Flags & { as: string; size?: string; access?: string }) => {
      const options = {
        dryRun: flags.dryRun ?? false,
        claim: claimOf(flags.claim),
        sizeBytes: flags.size === undefined ? undefined : parseQuantity(flags.size),
        readOnly: flags.access === undefined ? undefined : flags.access === 'ReadOnlyMany',
      }
      await withAccess(flags, async ({ provisioner }) => {
        const outcome = await restoreKept(provisioner, kept, flags.as, options)
        const { path = '', user = '', sizeBytes = 0n } = outcome.volume ?? {}
        const text = `${flags.as}: ${formatQuantity(sizeBytes)} in ${path}, for client.${user}`
        printOutcome(io, flags, { outcome, text, claimRoot: provisioner.cluster.claimRoot })
      })
    })
}
