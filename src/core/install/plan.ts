import { CephflexError } from '../errors.js'
import type { InstallPlaces } from './places.js'
import { writeRefusal } from './refusals.js'

/** What exists at a path. */
type Kind = 'missing' | 'directory' | 'file' | 'link' | 'other'

/** What exists of the driver. */
export type DriverFacts = {
  pluginDir: Kind
  driverDir: Kind
  target: Kind
  /** Temporary files and directories of a killed install. */
  leftovers: readonly string[]
}

/** The facts about a node before an install. */
export type InstallFacts = DriverFacts & {
  /** The target is the same file as the one to install, and executable. */
  isCurrent: boolean
  /** The nearest existing path at or above the driver's directory, and the errno name if it is not writable. */
  place: { path: string; kind: Kind; problem: string | undefined }
  hasConfig: boolean
  /** The texts of the record: that there is, and that there should be. */
  record: { found: string | undefined; wanted: string | undefined }
  /** The root directory of the running kubelet; undefined if no kubelet is running. */
  kubeletRoot: string | undefined
}

/** The facts about a node before an uninstall. */
export type UninstallFacts = DriverFacts & {
  /** The targets of this driver's mounts, and the state files of its mounts. */
  mounts: readonly string[]
  hasRecord: boolean
  /** The existing directories of the program itself. */
  kept: readonly string[]
}

/** One change to the node, or `none`, and its line in the report. */
export type InstallStep = {
  do:
    | 'none'
    | 'make-directory'
    | 'remove-leftover'
    | 'remove-file'
    | 'remove-directory'
    | 'empty'
    | 'place-directory'
    | 'replace-driver'
    | 'write-config'
  text: string
  /** What is changed, if it is not the driver. */
  path?: string
  /** The text of a configuration file. */
  content?: string
}

const MOST_MOUNTS = 10

/** The steps of an install. @throws CephflexError EINSTALL, ENOTROOT if it is refused or impossible. */
export function planInstall(facts: InstallFacts, places: InstallPlaces): InstallStep[] {
  refuseBadPlace(facts, places)
  const steps: InstallStep[] = []
  if (facts.pluginDir === 'missing')
    steps.push({ do: 'make-directory', path: places.pluginDir, text: `create directory ${places.pluginDir}` })
  steps.push(...facts.leftovers.map(removeLeftover), driverStep(facts, places))
  if (!facts.hasConfig)
    steps.push({
      do: 'write-config',
      path: places.config,
      content: configText(facts.kubeletRoot),
      text: `create ${places.config}`,
    })
  return [...steps, ...recordSteps(facts, places)]
}

/** The steps of an uninstall. @throws CephflexError EINSTALL while volumes are mounted, unless `force` is set. */
export function planUninstall(
  facts: UninstallFacts,
  places: InstallPlaces,
  { force, purge }: { force: boolean; purge: boolean },
): InstallStep[] {
  if (isInUse(facts) && !force) refuseWhileMounted(facts.mounts)
  const steps: InstallStep[] = []
  if (facts.pluginDir === 'directory')
    steps.push(...facts.leftovers.map(removeLeftover), ...removal(facts, places))
  if (purge)
    for (const path of facts.kept)
      steps.push(
        { do: 'empty', path, text: `remove the files in ${path}` },
        { do: 'remove-directory', path, text: `remove directory ${path}` },
      )
  return steps
}

/** Whether mounted volumes would lose the driver. Without a driver, an uninstall takes nothing from them. */
export function isInUse({ target, mounts }: UninstallFacts): boolean {
  return target !== 'missing' && mounts.length > 0
}

function refuseBadPlace({ driverDir, target, place }: InstallFacts, places: InstallPlaces): void {
  if (place.kind !== 'directory')
    throw new CephflexError('EINSTALL', `${place.path} is not a directory`, {
      hint: 'remove it, or choose another directory with --plugin-dir',
    })
  if (driverDir === 'link')
    throw new CephflexError('EINSTALL', `${places.driverDir} is a symbolic link, which the kubelet ignores`, {
      hint: 'remove it and run this command again',
    })
  if (target === 'directory')
    throw new CephflexError('EINSTALL', `${places.target} is a directory`, {
      hint: 'remove it and run this command again',
    })
  if (place.problem !== undefined) throw writeRefusal(place.path, place.problem, places)
}

function driverStep(
  { isCurrent, driverDir }: InstallFacts,
  { driverDir: path, target }: InstallPlaces,
): InstallStep {
  if (isCurrent) return { do: 'none', text: `${target} is already the same file: not changed` }
  if (driverDir === 'directory') return { do: 'replace-driver', text: `write ${target} with one rename` }
  const name = target.slice(path.length + 1)
  return { do: 'place-directory', text: `create ${path} containing ${name} with one rename` }
}

function recordSteps({ record: { found, wanted } }: InstallFacts, { record }: InstallPlaces): InstallStep[] {
  if (found === wanted) return []
  if (wanted === undefined) return [removeRecord(record)]
  return [{ do: 'write-config', path: record, content: wanted, text: `write ${record}` }]
}

function removeRecord(path: string): InstallStep {
  return { do: 'remove-file', path, text: `remove ${path}` }
}

/** With a running kubelet, the driver mounts nowhere else. A root directory that JSON would have to escape is omitted. */
function configText(kubeletRoot: string | undefined): string {
  const isPlain = kubeletRoot !== undefined && /^[A-Za-z0-9._/-]+$/.test(kubeletRoot)
  return isPlain ? `{"kubeletRoots": ["${kubeletRoot}"]}\n` : '{}\n'
}

function removeLeftover(path: string): InstallStep {
  return { do: 'remove-leftover', path, text: `remove ${path}, left by an interrupted install` }
}

function removal({ target, driverDir, hasRecord }: UninstallFacts, places: InstallPlaces): InstallStep[] {
  const steps: InstallStep[] = [
    target === 'missing'
      ? { do: 'none', text: `${places.target} does not exist: nothing to remove` }
      : { do: 'remove-file', path: places.target, text: `remove ${places.target}` },
  ]
  if (driverDir === 'directory')
    steps.push({
      do: 'remove-directory',
      path: places.driverDir,
      text: `remove directory ${places.driverDir}`,
    })
  if (hasRecord) steps.push(removeRecord(places.record))
  return steps
}

function refuseWhileMounted(mounts: readonly string[]): never {
  const list = mounts.slice(0, MOST_MOUNTS).map(path => `\n  ${path}`)
  throw new CephflexError('EINSTALL', `the driver still has volumes mounted:${list.join('')}`, {
    hint: 'delete their pods (kubectl drain) and run this command again, or use --force',
  })
}
