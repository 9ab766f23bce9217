import { CephflexError } from '../../core/errors.js'
import { type InstallPlaces, temporaryNames } from '../../core/install/places.js'
import { writeRefusal } from '../../core/install/refusals.js'
import type { ProgramName } from '../../core/programs.js'
import { driverFiles } from '../../system/driver-files.js'
import { errno } from '../../system/files.js'
import { optional } from '../../system/run.js'
import { checkInit } from './check-init.js'
import { type InstallContext, isSystem, runOnNode } from './context.js'

// A running kubelet never sees a partial file. It watches its plugin directory and ignores names that start with a dot,
// so the driver is written and tested under such a name in the same directory, and then renamed once.

/** The file to install. `name` is for messages, `sum` is its SHA-256 in hex. */
export type Source = { path: string; name: string; sum: string }

/**
 * Installs the driver in its existing directory: one rename of a file with a dot name.
 *
 * @throws CephflexError EINSTALL, ENOTROOT, EINTERRUPTED; the driver is then unchanged.
 */
export async function replaceDriver(
  context: InstallContext,
  places: InstallPlaces,
  source: Source,
): Promise<void> {
  const { files } = context.system
  const temporary = driverFiles.temporaryName(`${places.driverDir}/${temporaryNames(context.options).file}`)
  try {
    await fill(context, places, source, temporary)
    await label(context, temporary, places.driverDir)
    files.rename(temporary, places.target)
  } finally {
    files.remove(temporary)
  }
  await driverFiles.flush(places.driverDir)
}

/**
 * Installs the driver together with its directory: one rename of a directory with a dot name.
 *
 * @throws CephflexError EINSTALL, ENOTROOT, EINTERRUPTED; the driver's directory then does not exist.
 */
export async function placeDirectory(
  context: InstallContext,
  places: InstallPlaces,
  source: Source,
): Promise<void> {
  const { files } = context.system
  const prefix = `${places.pluginDir}/${temporaryNames(context.options).directory}`
  const temporary = await driverFiles.makeTemporaryDirectory(prefix).catch(error => {
    throw writeRefusal(places.pluginDir, errno(error), places)
  })
  try {
    await fill(context, places, source, `${temporary}/${context.options.driver}`)
    await label(context, temporary, places.pluginDir)
    await driverFiles.flush(temporary)
    if (files.kind(places.driverDir) !== 'missing')
      throw new CephflexError('EINSTALL', `another install created ${places.driverDir} in the meantime`, {
        hint: 'run this command again',
      })
    files.rename(temporary, places.driverDir)
  } finally {
    removeTemporary(context, temporary)
  }
  await driverFiles.flush(places.pluginDir)
}

/** Removes a temporary file, or a temporary directory with the driver in it. @returns whether it was removed. */
export function removeTemporary({ system: { files }, options }: InstallContext, path: string): boolean {
  if (files.kind(path) !== 'directory') {
    files.remove(path)
    return true
  }
  files.remove(`${path}/${options.driver}`)
  return files.removeDirectory(path)
}

/** Copies the driver to `path`, flushes it to disk and checks that it answers init. */
async function fill(
  context: InstallContext,
  places: InstallPlaces,
  source: Source,
  path: string,
): Promise<void> {
  await driverFiles.copyProgram(source.path, path).catch(error => {
    const problem = errno(error)
    if (['EROFS', 'EACCES', 'EPERM'].includes(problem)) throw writeRefusal(path, problem, places)
    throw new CephflexError('EINSTALL', `cannot copy ${source.name} to ${path}: ${problem}`, {
      hint: 'free space there. The driver is unchanged',
    })
  })
  if ((await driverFiles.sha256(path)) !== source.sum)
    throw new CephflexError(
      'EINSTALL',
      `the copy ${path} differs from ${source.name}, which changed in the meantime`,
      {
        hint: 'run this command again',
      },
    )
  const problem = `${source.name} does not work on this node and was not installed; the driver is unchanged`
  await checkInit(context, path.slice(context.options.root.length), problem)
}

/**
 * Where SELinux is enabled, gives the file the type that the node's policy
 * assigns to its path (it differs by distribution), or else the type of its
 * directory. A file written by a container could have the container's type,
 * and the kubelet would get "permission denied". This happens under the
 * temporary name, because a new label is also an event for the kubelet.
 */
async function label(context: InstallContext, path: string, reference: string): Promise<void> {
  const { system, options, report } = context
  const works = async (program: ProgramName, argv: readonly string[]) =>
    (await optional(runOnNode(context, program, argv)))?.exitCode === 0
  if (!(await works('selinuxenabled', []))) return
  const seen = (file: string) => (isSystem(system, options.root) ? file.slice(options.root.length) : file)
  if (await works('restorecon', ['-R', seen(path)])) return
  if (await works('chcon', ['-R', '--reference', seen(reference), seen(path)])) return
  report.note(
    'SELinux is enabled, but neither restorecon nor chcon could label the driver; if the kubelet reports ' +
      `"permission denied", run: restorecon -R ${seen(reference)}`,
  )
}
