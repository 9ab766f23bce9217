import { CephflexError } from '../../core/errors.js'
import { type InstallPlaces, temporaryNames } from '../../core/install/places.js'
import { writeRefusal } from '../../core/install/refusals.js'
import { driverFiles } from '../../system/driver-files.js'
import { errno } from '../../system/files.js'
import { checkInit } from './check-init.js'
import { type InstallContext, isSystem, runOnNode } from './context.js'

// A running kubelet never sees half a file: it watches its plugin directory and passes over names that start with a
// dot, so everything is written under such a name in the same directory, tried there, and renamed once.

/** The file to install: `name` is for messages. */
export type Source = { path: string; name: string; sum: string }

/**
 * The driver's directory exists: a file whose name starts with a dot becomes the driver.
 *
 * @throws CephflexError EINSTALL, ENOTROOT, EINTERRUPTED; the driver is then as it was before.
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
 * The driver's directory does not exist: a directory whose name starts with a dot, with the driver in it, becomes the driver's.
 *
 * @throws CephflexError EINSTALL, ENOTROOT, EINTERRUPTED; there is then no directory of the driver.
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

/** Removes a temporary file, or directory with the driver in it. @returns whether it is gone. */
export function removeTemporary({ system: { files }, options }: InstallContext, path: string): boolean {
  if (files.kind(path) !== 'directory') {
    files.remove(path)
    return true
  }
  files.remove(`${path}/${options.driver}`)
  return files.removeDirectory(path)
}

/** The copy is complete, on disk, executable and answers init before its name becomes visible. */
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
 * Where SELinux is on, a file gets the type that the node's policy has for its
 * place (it differs by distribution), or else that of the directory it is in.
 * What a container has written could carry the container's type, and the
 * kubelet would get "permission denied". This is done under the temporary
 * name, since a new label is an event like any other.
 */
async function label(context: InstallContext, path: string, reference: string): Promise<void> {
  const { system, options, report } = context
  const works = async (program: string, argv: readonly string[]) =>
    (await runOnNode(context, program, argv)).exitCode === 0
  if (!(await works('selinuxenabled', []))) return
  const seen = (file: string) => (isSystem(system, options.root) ? file.slice(options.root.length) : file)
  if (await works('restorecon', ['-R', seen(path)])) return
  if (await works('chcon', ['-R', '--reference', seen(reference), seen(path)])) return
  report.note(
    'SELinux is enabled, but neither restorecon nor chcon could label the driver; if the kubelet reports ' +
      `"permission denied", run: restorecon -R ${seen(reference)}`,
  )
}
