import { CephflexError } from '../errors.js'
import type { InstallOptions } from './options.js'
import { recordName } from './record.js'

/** The paths of an installation, as this process sees them unless noted. */
export type InstallPlaces = {
  pluginDir: string
  driverDir: string
  /** The file that the kubelet runs. */
  target: string
  /** The same file, as the node sees it. */
  targetOnNode: string
  config: string
  /** The engine and why it was chosen, for doctor. */
  record: string
  /** The directories of the program itself, which `--purge` empties. */
  kept: readonly string[]
}

/** The directory of the node configuration. */
export const CONFIG_DIR = '/etc/cephflex'
const LOG_DIR = '/var/log/cephflex'

/**
 * The paths of an installation.
 *
 * @param directory the plugin directory, as the node sees it.
 * @throws CephflexError EINSTALL if the directory cannot be used.
 */
export function installPlaces(
  { root, vendor, driver }: InstallOptions,
  directory: string,
  foundBy: string,
): InstallPlaces {
  const hint = 'specify one with --plugin-dir'
  if (!directory.startsWith('/'))
    throw new CephflexError(
      'EINSTALL',
      `the plugin directory '${directory}' (${foundBy}) is not an absolute path`,
      { hint },
    )
  const pluginDir = directory.replace(/\/+$/, '')
  if (pluginDir === '')
    throw new CephflexError('EINSTALL', `the plugin directory cannot be / (${foundBy})`, { hint })
  const driverDir = `${pluginDir}/${vendor}~${driver}`
  return {
    pluginDir: root + pluginDir,
    driverDir: root + driverDir,
    target: `${root}${driverDir}/${driver}`,
    targetOnNode: `${driverDir}/${driver}`,
    config: `${root}${CONFIG_DIR}/config.json`,
    record: `${root}${CONFIG_DIR}/${recordName(vendor, driver)}`,
    kept: [root + CONFIG_DIR, root + LOG_DIR],
  }
}

/**
 * Prefixes of the temporary names: `file` for a new driver in an existing
 * directory, `directory` for a new directory. The kubelet watches its plugin
 * directory and runs `init` after every event whose base name does not start
 * with a dot, so all other names are avoided while files are written.
 */
export function temporaryNames({ vendor, driver }: InstallOptions) {
  return { file: `.${driver}.install-`, directory: `.${vendor}~${driver}.install-` }
}

/** Whether a name is a temporary one: the prefix and six characters. */
export function isTemporary(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && name.length === prefix.length + 6
}
