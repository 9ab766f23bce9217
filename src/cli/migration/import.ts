import { Command, InvalidArgumentError, Option } from 'commander'
import { fuseMonitors } from '../../core/ceph/monitors.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { type CephFsVolume, parseVolumeObjects, type VolumeObjects } from '../../core/migration/pv-file.js'
import { takeOverCommands } from '../../core/migration/take-over.js'
import { describeStep } from '../../core/provision/steps.js'
import { type ImportOptions, importVolume } from '../../ops/migration/import.js'
import { clusterMonitors, clusterProblem } from '../../ops/migration/same-cluster.js'
import { listMarks } from '../../ops/provision/list.js'
import { listCaps } from '../../ops/provision/users.js'
import {
  type AccessFlags,
  type AdminSession,
  withAccess,
  withAccessOptions,
} from '../provision/admin-access.js'
import type { CommandIo } from '../terminal/command-io.js'
import { readFileOrInput } from '../terminal/read-file.js'
import { printFlexVolumes } from './to-flex.js'

type Flags = AccessFlags & {
  file: string
  adminSecret?: { namespace: string; name: string }
  dryRun?: boolean
  repair?: boolean
  toFlex?: boolean
  include?: string[]
  sameCluster?: boolean
  json?: boolean
}

type Result = {
  name: string
  imported: boolean
  steps?: string[]
  notes?: string[]
  kubectl?: string[]
  error?: string
}

/** `cephflex import`: takes over volumes of external-storage's provisioner, so that this program can delete them. */
export function importVolumes(io: CommandIo): Command {
  return withAccessOptions(new Command('import'))
    .description(
      "take over volumes of external-storage's CephFS provisioner, so that cephflex can delete them",
    )
    .requiredOption(
      '-f, --file <file>',
      'PersistentVolumes and their StorageClass (YAML or JSON); "-" reads stdin',
    )
    .addOption(
      new Option(
        '--admin-secret <ns/name>',
        'the Secret with the admin key for the controller, if the file does not contain the StorageClass',
      ).argParser(adminSecret),
    )
    .option(
      '--include <pv...>',
      'also take over these volumes, although they are read-only, not created by a provisioner, or not to be deleted (Retain)',
    )
    .option('--same-cluster', 'do not compare the monitors of the volumes with those of the cluster')
    .option('--repair', 'also restrict the caps of each user to its directory, with a quoted path')
    .option('--dry-run', 'check everything and change nothing')
    .option(
      '--to-flex',
      'only print a PersistentVolume with a flexVolume for each in-tree one (cephfs); needs no cluster',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      if (flags.toFlex) return printFlexVolumes(io, flags)
      const objects = parseVolumeObjects(await readFileOrInput(flags.file))
      const results: Result[] = []
      await withAccess(flags, async opened => {
        const marks = await listMarks(opened.provisioner)
        const users = await listCaps(opened.provisioner, objects.volumes.length)
        const known = flags.sameCluster ? undefined : await clusterMonitors(opened)
        for (const volume of objects.volumes) {
          const result = await importOne(volume, { ...objects, marks, users, known }, opened, flags)
          if (!flags.json) print(io, result, flags)
          results.push(result)
        }
      })
      if (flags.json) io.out(JSON.stringify(results))
      const failed = results.filter(({ error }) => error !== undefined)
      if (failed.length > 0)
        throw new CephflexError(
          'ENOTOURS',
          `${failed.length} of ${results.length} volumes were not imported`,
          {
            hint: 'see the reasons above; these volumes were not changed',
          },
        )
    })
}

const HELP = `
Steps:
  1. stop the old provisioner (scale its Deployment to 0), so that nothing is deleted twice
  2. kubectl get pv,storageclass -o yaml | cephflex import -f - --dry-run ...
  3. run it again without --dry-run; "cephflex volume list" then shows the volumes
  4. to hand the volumes to "cephflex controller", run the kubectl commands that the import prints

Each directory must be below --claim-root, and its user must be dedicated to this volume. No other
PersistentVolume of the file, and no other volume, may have the same directory, one above it or one in it.
Its monitors must be those of the cluster, unless you pass --same-cluster.
Other volumes are reported and not changed, and the exit code is 1. Pods keep running; no key is read or printed.

Steps to move one claim from the in-tree plugin to this driver (the data stays in place):
  1. kubectl patch pv PV -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
  2. kubectl get pv PV -o yaml | cephflex import --to-flex -f - >pv.yaml; it prints what to do for the Secret
  3. stop the pods; kubectl delete pvc CLAIM
  4. kubectl apply -f pv.yaml
  5. create the claim again, with volumeName: PV-flex; start the pods
  6. when everything works: kubectl delete pv PV (with Retain, nothing is removed in Ceph)`

function adminSecret(text: string): NonNullable<Flags['adminSecret']> {
  const [, namespace = '', name = ''] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? []
  if (name === '') throw new InvalidArgumentError('It must be the NAMESPACE/NAME of a Secret.')
  return { namespace, name }
}

async function importOne(
  volume: CephFsVolume,
  objects: VolumeObjects & Pick<ImportOptions, 'marks' | 'users'> & { known: Set<string> | undefined },
  opened: AdminSession,
  flags: Flags,
): Promise<Result> {
  const { provisioner, system } = opened
  const { places, marks, users, known } = objects
  try {
    const elsewhere = known && (await clusterProblem(system, volume, known))
    const { steps, notes } = await importVolume(provisioner, volume, {
      ...flags,
      places,
      marks,
      users,
      elsewhere,
    })
    const { kubectl, notes: more } = takeOver(volume, parametersFor(volume, objects, opened, flags))
    return {
      name: volume.name,
      imported: !flags.dryRun,
      steps: steps.map(step => describeStep(step, provisioner.cluster.claimRoot)),
      notes: [...notes.map(note => `${note}; --repair restricts it`), ...more],
      kubectl,
    }
  } catch (error) {
    const { code, message, hint } = toCephflexError(error)
    if (code === 'EBUG') throw error
    return { name: volume.name, imported: false, error: `${code}: ${message}\n  hint: ${hint}` }
  }
}

/** The kubectl commands that hand a volume to the controller, or a note why there are none. */
function takeOver(
  volume: CephFsVolume,
  parameters: Record<string, string> | undefined,
): { kubectl: string[]; notes: string[] } {
  if (parameters !== undefined) return { kubectl: takeOverCommands(volume, parameters), notes: [] }
  const what = volume.storageClass
    ? `its StorageClass ${volume.storageClass} is not in the file`
    : 'it has no StorageClass'
  const hint = "pass the Secret with the admin's key as --admin-secret NAMESPACE/NAME"
  return { kubectl: [], notes: [`${what}, so there are no kubectl commands for the controller; ${hint}`] }
}

/**
 * The parameters for deleting a volume: those of its StorageClass, if the file contains it, otherwise those of the
 * flags. Undefined if neither names the Secret with the key for the controller.
 */
function parametersFor(
  volume: CephFsVolume,
  { classes }: VolumeObjects,
  { access, provisioner }: AdminSession,
  { adminSecret: secret }: Flags,
): Record<string, string> | undefined {
  const ofClass = classes.get(volume.storageClass ?? '')
  const own = { claimRoot: provisioner.cluster.claimRoot, backend: 'directory' }
  if (ofClass !== undefined) return { ...ofClass, ...own }
  if (secret === undefined) return undefined
  const { monitors, user: adminId } = access
  const { name: adminSecretName, namespace: adminSecretNamespace } = secret
  return { monitors: fuseMonitors(monitors), adminId, adminSecretName, adminSecretNamespace, ...own }
}

function print(io: CommandIo, result: Result, { dryRun = false }: Flags): void {
  const { name, notes = [], error } = result
  const lines = error === undefined ? linesOf(result, dryRun) : []
  for (const line of lines) io.out(line)
  if (error !== undefined) io.err(error)
  for (const note of notes) io.err(`note: ${name}: ${note}`)
}

function linesOf({ name, steps = [], kubectl = [] }: Result, dryRun: boolean): string[] {
  return dryRun ? steps : [`# ${name}: ${steps.length === 0 ? 'already imported' : 'imported'}`, ...kubectl]
}
