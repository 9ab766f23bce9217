import { Command, Option } from 'commander'
import { DriverError } from '../../core/errors.js'
import { fuseMonitors } from '../../core/monitors.js'
import { secretManifest, toYaml, volumeManifest } from '../../core/provision/kubernetes.js'
import { type Claim, volumeNames } from '../../core/provision/names.js'
import { formatQuantity, parseQuantity } from '../../core/provision/quantity.js'
import { describeStep } from '../../core/provision/steps.js'
import type { Volume } from '../../core/provision/volume.js'
import { listVolumes } from '../../ops/provision/list.js'
import { keyOf } from '../../ops/provision/look.js'
import {
  createVolume,
  deleteVolume,
  expandVolume,
  type Outcome,
  showVolume,
  volumeOf,
} from '../../ops/provision/volumes.js'
import type { CommandIo } from '../command-io.js'
import { type AccessFlags, withAccess, withAccessOptions } from '../volume-access.js'
import { volumeLint } from './volume-lint.js'

type Flags = AccessFlags & {
  json?: boolean
  dryRun?: boolean
  claim?: string
}

/** Sizes are whole numbers of bytes; beyond 2^53 they would not survive as JSON numbers. */
const toJson = (value: unknown) =>
  JSON.stringify(value, (_, entry) =>
    typeof entry === 'bigint' ? (entry <= Number.MAX_SAFE_INTEGER ? Number(entry) : String(entry)) : entry,
  )

const claimOf = (text: string | undefined): Claim | undefined => {
  if (text === undefined) return undefined
  const [namespace = '', name = '', more] = text.split('/')
  if (more === undefined && name !== '') return { namespace, name }
  throw new DriverError('EBADVOLUME', '--claim must be NAMESPACE/NAME')
}

type Done = { outcome: Outcome; text: string; claimRoot: string }

const printOutcome = (io: CommandIo, { json, dryRun }: Flags, { outcome, text, claimRoot }: Done) => {
  const { steps, volume, again = false } = outcome
  const lines = steps.map(step => describeStep(step, claimRoot))
  if (json) io.out(toJson({ ...volume, steps: lines }))
  else if (dryRun) for (const line of lines) io.out(line)
  else io.out(text)
  if (dryRun && again) io.err('then a user with caps for the path that the manager gives it')
}

const create = (io: CommandIo): Command =>
  withAccessOptions(new Command('create'))
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

const remove = (io: CommandIo): Command =>
  withAccessOptions(new Command('delete'))
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

const expand = (io: CommandIo): Command =>
  withAccessOptions(new Command('expand'))
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

const lineOf = ({ pv, sizeBytes, user, path, kept }: Volume): string =>
  [pv, formatQuantity(sizeBytes), `client.${user}`, path, ...(kept ? [`(${kept})`] : [])].join('  ')

const list = (io: CommandIo): Command =>
  withAccessOptions(new Command('list'))
    .description('list the volumes that were made here')
    .option('--json', 'print JSON')
    .action(async (flags: Flags) => {
      await withAccess(flags, async ({ provisioner }) => {
        const found = await listVolumes(provisioner)
        const volumes = found
          .map(({ marker, path, sizeBytes }) => volumeOf(marker, path, sizeBytes, provisioner.cluster.fsName))
          .sort((a, b) => (a.pv < b.pv ? -1 : 1))
        if (flags.json) return io.out(toJson(volumes))
        for (const volume of volumes) io.out(lineOf(volume))
      })
    })

const show = (io: CommandIo): Command =>
  withAccessOptions(new Command('show'))
    .description('show a volume, or what Kubernetes needs to mount it')
    .argument('<name>')
    .option('--claim <ns/name>', 'the claim it is named after')
    .option(
      '--kubernetes',
      'print Secret and PersistentVolume, for "kubectl apply -f -"; this prints the key',
    )
    .option('--secret-namespace <ns>', 'where the Secret will be', 'default')
    .option('--json', 'print JSON')
    .action(async (pv: string, flags: Flags & { kubernetes?: boolean; secretNamespace: string }) => {
      const claim = claimOf(flags.claim)
      await withAccess(flags, async ({ provisioner, access }) => {
        const volume = await showVolume(provisioner, pv, { claim })
        if (!flags.kubernetes) return io.out(flags.json ? toJson(volume) : lineOf(volume))
        const key = await keyOf(provisioner, volume.user)
        const objects = [
          secretManifest(volume, key, flags.secretNamespace),
          volumeManifest(volume, { monitors: fuseMonitors(access.monitors) }, flags.secretNamespace),
        ]
        io.out(flags.json ? toJson({ apiVersion: 'v1', kind: 'List', items: objects }) : toYaml(objects))
      })
    })

/** `cephflex volume`: directories with a quota and a user of their own, made and removed by hand. */
export const volume = (io: CommandIo): Command => {
  const group = new Command('volume').description('make, list and remove volumes in CephFS')
  for (const command of [create(io), remove(io), expand(io), list(io), show(io), volumeLint(io)])
    group.addCommand(command)
  return group
}
