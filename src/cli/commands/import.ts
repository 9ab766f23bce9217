import { Command } from 'commander'
import { DriverError, toDriverError } from '../../core/errors.js'
import { fuseMonitors } from '../../core/monitors.js'
import { type CephFsVolume, parseVolumeObjects, type VolumeObjects } from '../../core/provision/pv-file.js'
import { describeStep } from '../../core/provision/steps.js'
import { takeOverCommands } from '../../core/provision/take-over.js'
import { importVolume } from '../../ops/provision/import.js'
import type { CommandIo } from '../command-io.js'
import { readFileOrInput } from '../read-file.js'
import { type AccessFlags, type Opened, withAccess, withAccessOptions } from '../volume-access.js'

type Flags = AccessFlags & { file: string; dryRun?: boolean; repair?: boolean; json?: boolean }

const HELP = `
The order:
  1. stop the old provisioner (scale its Deployment to 0), so that nothing is deleted twice
  2. kubectl get pv,storageclass -o yaml | cephflex import -f - --dry-run ...
  3. the same without --dry-run; then "cephflex volume list" shows the volumes
  4. for "cephflex controller", run the kubectl commands that it prints

A directory must be below --claim-root, and its user must be of this volume alone: what is not
is said and left alone, and the exit code is 1. Pods go on as they are; no key is read or printed.`

/** The parameters for deleting: those of its class, if that is in the file, else what the flags say. */
const parametersFor = (
  volume: CephFsVolume,
  { classes }: VolumeObjects,
  { access, provisioner }: Opened,
): Record<string, string> => {
  const ofClass = classes.get(volume.storageClass ?? '')
  const own = { claimRoot: provisioner.cluster.claimRoot, backend: 'directory' }
  if (ofClass !== undefined) return { ...ofClass, ...own }
  const { monitors, user } = access
  return { monitors: fuseMonitors(monitors), adminId: user, adminSecretName: 'REPLACE-ME', ...own }
}

type Result = {
  name: string
  imported: boolean
  steps?: string[]
  notes?: string[]
  kubectl?: string[]
  error?: string
}

const importOne = async (
  volume: CephFsVolume,
  objects: VolumeObjects,
  opened: Opened,
  flags: Flags,
): Promise<Result> => {
  const { provisioner } = opened
  try {
    const { steps, notes } = await importVolume(provisioner, volume, flags)
    return {
      name: volume.name,
      imported: !flags.dryRun,
      steps: steps.map(step => describeStep(step, provisioner.cluster.claimRoot)),
      notes,
      kubectl: takeOverCommands(volume, parametersFor(volume, objects, opened)),
    }
  } catch (error) {
    const { code, message, hint } = toDriverError(error)
    if (code === 'EBUG') throw error
    return { name: volume.name, imported: false, error: `${code}: ${message}\n  hint: ${hint}` }
  }
}

const linesOf = ({ name, steps = [], kubectl = [] }: Result, dryRun: boolean): string[] =>
  dryRun ? steps : [`# ${name}: ${steps.length === 0 ? 'imported already' : 'imported'}`, ...kubectl]

const print = (io: CommandIo, result: Result, { dryRun = false }: Flags): void => {
  const { name, notes = [], error } = result
  const lines = error === undefined ? linesOf(result, dryRun) : []
  for (const line of lines) io.out(line)
  if (error !== undefined) io.err(error)
  for (const note of notes) io.err(`note: ${name}: ${note}; --repair narrows it`)
}

/** `cephflex import`: volumes of external-storage's provisioner become this program's, so that it can delete them. */
export const importVolumes = (io: CommandIo): Command =>
  withAccessOptions(new Command('import'))
    .description(
      "take over volumes of external-storage's CephFS provisioner, so that they can be deleted here",
    )
    .requiredOption(
      '-f, --file <file>',
      'PersistentVolumes (YAML or JSON), and their StorageClass; "-" is stdin',
    )
    .option('--repair', 'also narrow the caps of the users to their directory, with its path quoted')
    .option('--dry-run', 'check all and change nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const objects = parseVolumeObjects(await readFileOrInput(flags.file))
      const results: Result[] = []
      await withAccess(flags, async opened => {
        for (const volume of objects.volumes) {
          const result = await importOne(volume, objects, opened, flags)
          if (!flags.json) print(io, result, flags)
          results.push(result)
        }
      })
      if (flags.json) io.out(JSON.stringify(results))
      const failed = results.filter(({ error }) => error !== undefined)
      if (failed.length > 0)
        throw new DriverError('ENOTOURS', `${failed.length} of ${results.length} volumes were not imported`, {
          hint: 'the reasons are above; they were left as they were',
        })
    })
