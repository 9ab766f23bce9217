import { Command } from 'commander'
import { CephflexError } from '../../core/errors.js'
import {
  CSI_DRIVER,
  type CsiOptions,
  type CsiSource,
  csiNotes,
  csiSecret,
  csiSourceOf,
  csiVolume,
} from '../../core/migration/csi.js'
import { parseVolumeObjects } from '../../core/migration/pv-file.js'
import { toYaml } from '../../core/provision/kubernetes.js'
import { readFsid } from '../../ops/provision/fsid.js'
import { listVolumes } from '../../ops/provision/list.js'
import { proveVolumes } from '../../ops/provision/prove.js'
import type { Provisioner } from '../../ops/provision/provisioner.js'
import { readVolumeKey } from '../../ops/provision/users.js'
import { errno, files } from '../../system/files.js'
import { type AccessFlags, withAccess, withAccessOptions } from '../provision/admin-access.js'
import type { CommandIo } from '../terminal/command-io.js'
import { readFileOrInput } from '../terminal/read-file.js'

type Flags = AccessFlags & {
  file?: string
  clusterId?: string
  driver: string
  secretNamespace: string
  secretsTo?: string
  json?: boolean
}

/** `cephflex export-csi`: the objects with which ceph-csi mounts existing volumes. */
export function exportCsi(io: CommandIo): Command {
  return withAccessOptions(new Command('export-csi'))
    .description('print static ceph-csi PersistentVolumes for existing volumes; never prints a key')
    .argument('[pv...]', 'volumes to export (default: all)')
    .option('-f, --file <file>', 'PersistentVolumes (YAML or JSON), including their claims; "-" reads stdin')
    .option(
      '--cluster-id <id>',
      'the clusterID in the ceph-csi configuration (default: the fsid of the cluster)',
    )
    .option('--driver <name>', 'name of the CSI driver', CSI_DRIVER)
    .option('--secret-namespace <ns>', 'namespace for the Secrets', 'default')
    .option('--secrets-to <file>', 'write the Secrets, including the keys, to this new file with mode 0600')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (names: string[], flags: Flags) => {
      const work = async (provisioner: Provisioner | undefined): Promise<void> => {
        const clusterId = flags.clusterId ?? (provisioner ? await readFsid(provisioner) : '')
        const { driver, secretNamespace, fsName } = flags
        const options = { driver, clusterId, secretNamespace, fsName: fsName ?? provisioner?.cluster.fsName }
        const sources = choose(await toSources(flags, provisioner), names)
        if (flags.secretsTo !== undefined && provisioner !== undefined)
          await writeSecrets(flags.secretsTo, sources, options, provisioner)
        print(io, flags, sources, options)
      }
      const isOffline = flags.file !== undefined && flags.clusterId !== undefined && !flags.secretsTo
      if (isOffline) await work(undefined)
      else await withAccess(flags, ({ provisioner }) => work(provisioner))
    })
}

const HELP = `
Keys are never printed. Without --secrets-to, the printed Secrets contain a placeholder for the key.
With it, the Secrets and their keys go to a new file with mode 0600, and only PersistentVolumes are printed.

Steps to move one claim (the data stays in place):
  1. kubectl patch pv PV -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
  2. kubectl get pv PV -o yaml | cephflex export-csi -f - --secrets-to secrets.yaml ... >pv.yaml
  3. stop the pods; kubectl delete pvc CLAIM
  4. kubectl apply -f secrets.yaml -f pv.yaml; remove secrets.yaml
  5. create the claim again, with storageClassName: "" and volumeName: PV-csi; start the pods
  6. when everything works: kubectl delete pv PV (with Retain, nothing is removed in Ceph)`

function choose(sources: readonly CsiSource[], names: readonly string[]): CsiSource[] {
  const missing = names.filter(name => !sources.some(source => source.name === name))
  if (missing.length > 0)
    throw new CephflexError('ENOVOLUME', `there is no volume ${missing.join(', ')}`, {
      hint: 'list the volumes with "cephflex volume list", or pass a file with --file',
    })
  const chosen = names.length === 0 ? sources : sources.filter(({ name }) => names.includes(name))
  return chosen.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

async function toSources(flags: Flags, provisioner: Provisioner | undefined): Promise<CsiSource[]> {
  if (flags.file !== undefined) return parseVolumeObjects(await readFileOrInput(flags.file)).volumes
  if (provisioner === undefined) return []
  const found = await proveVolumes(provisioner, await listVolumes(provisioner))
  return found
    .filter(({ volume, problem }) => !volume.kept && problem === undefined)
    .map(({ volume }) => csiSourceOf(volume))
}

async function writeSecrets(
  path: string,
  sources: readonly CsiSource[],
  options: CsiOptions,
  provisioner: Provisioner,
): Promise<void> {
  const secrets: object[] = []
  for (const source of oncePerUser(sources))
    secrets.push(csiSecret(source, options, await readVolumeKey(provisioner, source)))
  try {
    files.create(path, `${toYaml(secrets)}\n`)
  } catch (error) {
    throw new CephflexError('EUSAGE', `cannot create ${path}: ${errno(error)}`, {
      hint: 'choose a new file name: an existing file is never overwritten',
    })
  }
}

function print(io: CommandIo, flags: Flags, sources: readonly CsiSource[], options: CsiOptions): void {
  const secrets =
    flags.secretsTo === undefined ? oncePerUser(sources).map(source => csiSecret(source, options)) : []
  const objects = [...secrets, ...sources.map(source => csiVolume(source, options))]
  if (flags.json) io.out(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  else if (objects.length > 0) io.out(toYaml(objects))
  for (const source of sources) for (const note of csiNotes(source, options)) io.err(`note: ${note}`)
}

/** Several volumes may have the same user. */
function oncePerUser(sources: readonly CsiSource[]): CsiSource[] {
  return [...new Map(sources.map(source => [source.user, source])).values()]
}
