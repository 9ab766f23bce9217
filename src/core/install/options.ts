import { CephflexError } from '../errors.js'
import { driverPath } from '../kubelet/plugin-dirs.js'
import type { InstallRecord } from './record.js'

/** What `cephflex install` has to do. */
export type InstallOptions = {
  /** `where`: print the path of the installed driver. */
  action: 'install' | 'uninstall' | 'deps' | 'where'
  /** Set up a service that recovers volumes. */
  recover: boolean
  /** The two parts of the driver's name: pods and Secrets use `VENDOR/DRIVER`. */
  vendor: string
  driver: string
  /** The node's root directory as this process sees it, without a trailing slash; empty for its own node. */
  root: string
  /** As the node sees it. Default: the kubelet's. */
  pluginDir?: string | undefined
  /** The file to install. Default: this program. */
  binary?: string | undefined
  /** The engine of this program, and why it is installed; undefined if another file is. */
  record: InstallRecord | undefined
  force: boolean
  purge: boolean
  yes: boolean
  dryRun: boolean
}

/** The options as typed. */
export type InstallFlags = {
  vendor?: string
  driver?: string
  root?: string
  pluginDir?: string
  binary?: string
  engine?: string
  tried?: string
  uninstall?: boolean
  deps?: boolean
  where?: boolean
  recover?: boolean
  force?: boolean
  purge?: boolean
  yes?: boolean
  dryRun?: boolean
}

const DEFAULT_NAME = { vendor: 'cephflex', driver: 'cephfs' }

/**
 * Checks the options and fills in defaults.
 *
 * @param program the path of this program. For an installed driver, its own name is the default.
 * @param engine the engine of this program.
 * @throws CephflexError EUSAGE.
 */
export function installOptions(flags: InstallFlags, program: string, engine: string): InstallOptions {
  const name = driverPath(program) ?? DEFAULT_NAME
  const { vendor = name.vendor, driver = name.driver, root = '', pluginDir, binary } = flags
  checkName('--vendor', vendor)
  checkName('--driver', driver)
  const action = actionOf(flags)
  // install.sh has already chosen a binary
  if (flags.engine !== undefined && flags.engine !== engine && binary === undefined)
    refuse(
      `this program is not the one with ${flags.engine}: sh install.sh --engine ${flags.engine} finds that`,
    )
  const paths = { '--plugin-dir': pluginDir, '--binary': binary, '--root': flags.root }
  for (const [name, path] of Object.entries(paths))
    if (path === '') refuse(`${name} requires a non-empty value`)
  if (root !== '' && !root.startsWith('/')) refuse(`--root must be an absolute path, not '${root}'`)
  const isSet = (flag: 'force' | 'purge' | 'yes' | 'dryRun' | 'recover') => flags[flag] === true
  return {
    action,
    vendor,
    driver,
    root: root.replace(/\/+$/, ''),
    pluginDir,
    binary,
    record: recordOf(flags, engine),
    force: isSet('force'),
    purge: isSet('purge'),
    yes: isSet('yes'),
    dryRun: isSet('dryRun'),
    recover: isSet('recover'),
  }
}

function recordOf({ engine: named, tried, binary }: InstallFlags, engine: string): InstallRecord | undefined {
  if (named !== undefined) return { engine, why: `--engine ${named} was given` }
  if (tried === '') return { engine, why: 'the first that was tried works on this node' }
  if (tried !== undefined) return { engine, why: `it works on this node; tried before: ${tried}` }
  return binary === undefined ? { engine, why: 'this file was chosen by hand' } : undefined
}

function actionOf(flags: InstallFlags): InstallOptions['action'] {
  const { uninstall, deps, force, purge, yes } = flags
  const actions = (['uninstall', 'deps', 'where'] as const).filter(name => flags[name])
  if (actions.length > 1) refuse(`${actions.map(name => `--${name}`).join(' and ')} cannot be used together`)
  if (flags.recover && actions.length > 0) refuse(`--recover and --${actions[0]} cannot be used together`)
  if ((force || purge) && !uninstall) refuse('--force and --purge require --uninstall')
  if (yes && !deps) refuse('--yes requires --deps')
  return actions[0] ?? 'install'
}

function checkName(option: string, name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    refuse(
      `${option} '${name}' is not a valid name: use letters, digits, '.', '_' and '-', starting with a letter or digit`,
    )
}

function refuse(message: string): never {
  throw new CephflexError('EUSAGE', message, { hint: 'see --help' })
}
