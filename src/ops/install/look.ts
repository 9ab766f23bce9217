import { dirname } from 'node:path/posix'
import { mountPointsOf } from '../../core/install/own-mounts.js'
import { type InstallPlaces, installPlaces, isTemporary, temporaryNames } from '../../core/install/places.js'
import type { DriverFacts, InstallFacts, UninstallFacts } from '../../core/install/plan.js'
import { recordText } from '../../core/install/record.js'
import { driverFiles } from '../../system/driver-files.js'
import { findKubelet, type Kubelet } from '../kubelet/find-kubelet.js'
import { existingPluginDirs, findPluginDir, kindBehind } from '../kubelet/find-plugin-dir.js'
import type { InstallContext } from './context.js'

export type Found = { places: InstallPlaces; kubelet: Kubelet | undefined }

/** Finds and reports where to install the driver. @throws CephflexError EINSTALL. */
export function findPlaces(context: InstallContext): Found {
  const { system, options, program } = context
  if (options.pluginDir !== undefined)
    return reportFound(context, {
      directory: options.pluginDir,
      foundBy: '--plugin-dir',
      kubelet: findKubelet(system, options.root),
      notes: [],
    })
  return reportFound(context, findPluginDir(system, program, options.root))
}

/** Finds and reports what to remove: without a running kubelet, in the known directory that contains the driver. */
export function findInstalled(context: InstallContext): Found {
  const { system, options, program } = context
  const { root, vendor, driver } = options
  if (options.pluginDir !== undefined) return findPlaces(context)
  const first = findPluginDir(system, program, root)
  const has = (directory: string) =>
    system.files.kind(`${root}${directory}/${vendor}~${driver}`) !== 'missing'
  if (first.kubelet || has(first.directory)) return reportFound(context, first)
  const other = existingPluginDirs(system, root).find(({ path }) => has(path))
  if (!other) return reportFound(context, first)
  const foundBy = `contains the driver, known from ${other.usedBy}`
  return reportFound(context, { ...first, directory: other.path, foundBy })
}

/** The facts about a node before an install. @param sum SHA-256 of the file to install, in hex. */
export async function lookBeforeInstall(
  context: InstallContext,
  { places, kubelet }: Found,
  sum: string,
): Promise<InstallFacts> {
  const { files } = context.system
  const place = nearestExisting(places.driverDir, path => files.kind(path) !== 'missing')
  return {
    ...driverFacts(context, places),
    isCurrent: files.isExecutable(places.target) && (await driverFiles.sha256(places.target)) === sum,
    place: {
      path: place,
      kind: kindBehind(files, place),
      problem: await driverFiles.writeProblem(place),
    },
    hasConfig: files.kind(places.config) !== 'missing',
    record: {
      found: files.read(places.record),
      wanted: context.options.record && recordText(context.options.record),
    },
    kubeletRoot: kubelet?.rootDir,
  }
}

/** The facts about a node before an uninstall. */
export function lookBeforeUninstall(context: InstallContext, { places, kubelet }: Found): UninstallFacts {
  const { files } = context.system
  return {
    ...driverFacts(context, places),
    mounts: mountsOf(context, kubelet),
    hasRecord: files.kind(places.record) !== 'missing',
    kept: places.kept.filter(path => files.kind(path) === 'directory'),
  }
}

function driverFacts(context: InstallContext, places: InstallPlaces): DriverFacts {
  const { files } = context.system
  return {
    pluginDir: kindBehind(files, places.pluginDir),
    driverDir: files.kind(places.driverDir),
    target: files.kind(places.target),
    leftovers: leftoversIn(context, places),
  }
}

function reportFound({ report, options }: InstallContext, where: ReturnType<typeof findPluginDir>): Found {
  const { directory, foundBy, kubelet, notes } = where
  for (const line of notes) report.note(line)
  const places = installPlaces(options, directory, foundBy)
  report.say(`plugin directory: ${places.pluginDir.slice(options.root.length)} (${foundBy})`)
  if (kubelet) report.say(`kubelet: process ${kubelet.pid}, root directory ${kubelet.rootDir}`)
  return { places, kubelet }
}

function nearestExisting(path: string, exists: (path: string) => boolean): string {
  return exists(path) || path === '/' ? path : nearestExisting(dirname(path), exists)
}

function leftoversIn({ system, options }: InstallContext, places: InstallPlaces): string[] {
  const prefixes = temporaryNames(options)
  const named = (directory: string, prefix: string) =>
    system.files
      .list(directory)
      .filter(name => isTemporary(name, prefix))
      .map(name => `${directory}/${name}`)
  return [...named(places.driverDir, prefixes.file), ...named(places.pluginDir, prefixes.directory)]
}

/** From the mount tables of this process, process 1 and the kubelet. State files cover mounts that none of them shows. */
function mountsOf({ system, options }: InstallContext, kubelet: Kubelet | undefined): string[] {
  const { files, config } = system
  const { root, vendor, driver } = options
  const tables = ['self', '1', kubelet?.pid ?? 'self'].map(pid => {
    try {
      return files.read(`${root}/proc/${pid}/mountinfo`) ?? ''
    } catch {
      return '' // no permission
    }
  })
  const directory = root === '' ? `${config.runDirectory}/state` : `${root}/run/cephflex/state`
  const states = files.list(directory).filter(name => name.endsWith('.json'))
  return [...mountPointsOf(vendor, driver, tables), ...states.map(name => `${directory}/${name}`)]
}
