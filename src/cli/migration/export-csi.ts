import { Command } from 'commander'
import { CephflexError } from '../../core/errors.js'
import {
  CSI_DRIVER,
  type CsiOptions,
  type CsiSource,
  csiNotes,
  csiSecret,
  csiVolume,
} from '../../core/migration/csi.js'
import { clustersOf } from '../../core/migration/export-checks.js'
import { parseVolumeObjects } from '../../core/migration/pv-file.js'
import { DRIVER, toYaml } from '../../core/provision/kubernetes.js'
import type { Secret } from '../../core/secret.js'
import { type Exported, exportCluster, exportFile, readKeys } from '../../ops/migration/export-csi.js'
import { readFsid } from '../../ops/provision/fsid.js'
import { errno, files } from '../../system/files.js'
import {
  type AccessFlags,
  type AdminSession,
  withAccess,
  withAccessOptions,
} from '../provision/admin-access.js'
import type { CommandIo } from '../terminal/command-io.js'
import { readFileOrInput } from '../terminal/read-file.js'

type Flags = AccessFlags & {
  file?: string
  clusterId?: string
  driver: string
  secretNamespace: string
  secretsTo?: string
  flexDriver: string
  sameCluster?: boolean
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
    .option('--flex-driver <name>', 'driver of the flexVolumes to export', DRIVER)
    .option('--same-cluster', 'do not compare the monitors of the volumes with those of the cluster')
    .option('--secret-namespace <ns>', 'namespace for the Secrets', 'default')
    .option('--secrets-to <file>', 'write the Secrets, including the keys, to this new file with mode 0600')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (names: string[], flags: Flags) => {
      const work = (opened: AdminSession | undefined) => exportOpened(io, names, flags, opened)
      const isOffline = flags.file !== undefined && flags.clusterId !== undefined && !flags.secretsTo
      if (isOffline) await work(undefined)
      else await withAccess(flags, work)
    })
}

const HELP = `
Volumes of other drivers and other clusters, volumes without user or path, and volumes whose user may access more than
their directory are left out, with the reason.

Keys are never printed. Without --secrets-to, the printed Secrets contain a placeholder for the key.
With it, the Secrets and their keys go to a new file with mode 0600, and only PersistentVolumes are printed.

Steps to move one claim (the data stays in place):
  1. kubectl patch pv PV -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
  2. kubectl get pv PV -o yaml | cephflex export-csi -f - --secrets-to secrets.yaml ... >pv.yaml
  3. stop the pods; kubectl delete pvc CLAIM
  4. kubectl apply -f secrets.yaml -f pv.yaml; remove secrets.yaml
  5. create the claim again, with storageClassName: "" and volumeName: PV-csi; start the pods
  6. when everything works: kubectl delete pv PV (with Retain, nothing is removed in Ceph)`

async function exportOpened(
  io: CommandIo,
  names: readonly string[],
  flags: Flags,
  opened: AdminSession | undefined,
): Promise<void> {
  const provisioner = opened?.provisioner
  const clusterId = flags.clusterId ?? (provisioner ? await readFsid(provisioner) : '')
  const { driver, secretNamespace, secretsTo, fsName = provisioner?.cluster.fsName } = flags
  const options = { driver, clusterId, secretNamespace, fsName }
  const found = await find(flags, names, opened)
  const withKeys = provisioner && secretsTo ? await readKeys(provisioner, found) : undefined
  const exported = withKeys ?? found
  const sources = choose(exported, names)
  for (const { name, reason } of exported.leftOut) io.err(`left out: ${name}: ${reason}`)
  if (secretsTo !== undefined && withKeys) writeSecrets(secretsTo, sources, options, withKeys.keys)
  print(io, flags, sources, options)
}

/** The volumes that are exported. @throws CephflexError ENOVOLUME, ENOTOURS if one of these names is not. */
function choose({ sources, leftOut }: Exported, names: readonly string[]): CsiSource[] {
  const refused = leftOut.filter(({ name }) => names.includes(name))
  if (refused.length > 0 || (sources.length === 0 && leftOut.length > 0 && names.length === 0))
    throw new CephflexError(
      'ENOTOURS',
      (refused.length > 0 ? refused : leftOut)
        .map(({ name, reason }) => `${name} was not exported: ${reason}`)
        .join('; '),
      { hint: 'nothing was exported; correct these volumes, or export others by name' },
    )
  const missing = names.filter(name => !sources.some(source => source.name === name))
  if (missing.length > 0)
    throw new CephflexError('ENOVOLUME', `there is no volume ${missing.join(', ')}`, {
      hint: 'list the volumes with "cephflex volume list", or pass a file with --file',
    })
  return sources.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

async function find(
  flags: Flags,
  names: readonly string[],
  opened: AdminSession | undefined,
): Promise<Exported> {
  const { file, flexDriver, sameCluster = false } = flags
  const isWanted = ({ name }: { name: string }) => names.length === 0 || names.includes(name)
  if (file === undefined) {
    const all = opened ? await exportCluster(opened.provisioner) : { sources: [], leftOut: [] }
    return { sources: all.sources.filter(isWanted), leftOut: all.leftOut.filter(isWanted) }
  }
  const volumes = parseVolumeObjects(await readFileOrInput(file)).volumes.filter(isWanted)
  const exported = await exportFile(volumes, { flexDriver, sameCluster }, opened)
  if (opened === undefined && !sameCluster)
    refuseSeveralClusters(volumes.filter(({ name }) => exported.sources.some(each => each.name === name)))
  return exported
}

/** One --cluster-id cannot be that of several clusters. */
function refuseSeveralClusters(volumes: Parameters<typeof clustersOf>[0]): void {
  const clusters = clustersOf(volumes)
  if (clusters.length < 2) return
  throw new CephflexError(
    'EUSAGE',
    `the file contains volumes of ${clusters.length} clusters: ${clusters.map(each => each.join(', ')).join(' | ')}`,
    { hint: 'export the volumes of each cluster by name, or pass --same-cluster if it is one cluster' },
  )
}

function writeSecrets(
  path: string,
  sources: readonly CsiSource[],
  options: CsiOptions,
  keys: ReadonlyMap<string, Secret>,
): void {
  const secrets = oncePerUser(sources).map(source => csiSecret(source, options, keys.get(source.user)))
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
