import { CephflexError } from '../../core/errors.js'
import { isInUse, planInstall, planUninstall } from '../../core/install/plan.js'
import { shortHash } from '../../core/text/short-hash.js'
import { driverFiles } from '../../system/driver-files.js'
import { kindBehind } from '../kubelet/find-plugin-dir.js'
import { prepareDirectories } from '../target/target-files.js'
import { act } from './act.js'
import { checkInit } from './check-init.js'
import { checkVisible, noteOldKubelet } from './check-visible.js'
import { type InstallContext, runDriver } from './context.js'
import { type Found, findInstalled, findPlaces, lookBeforeInstall, lookBeforeUninstall } from './look.js'
import { installPackages } from './packages.js'
import type { Source } from './place-driver.js'
import { removeRecovery, requireSystemd, setUpRecovery } from './recovery.js'

/**
 * Installs the driver in the kubelet's plugin directory, upgrades it there or
 * removes it, or reports the packages it needs, as the options ask.
 *
 * @throws CephflexError EINSTALL, ENOTROOT, EINTERRUPTED; an installed driver is then unchanged.
 */
export async function runInstall(context: InstallContext): Promise<void> {
  const { system, options } = context
  if (options.root !== '' && kindBehind(system.files, options.root) !== 'directory')
    throw new CephflexError('EINSTALL', `--root ${options.root} is not a directory`, {
      hint: "mount the node's root directory there",
    })
  await { install, uninstall, deps: installPackages, where }[options.action](context)
}

/** Does not touch a driver that is already the same file. */
async function install(context: InstallContext): Promise<void> {
  requireSystemd(context)
  const source = await findSource(context)
  const found = findPlaces(context)
  const { places } = found
  const isNew = await withInstallLock(context, places.pluginDir, async () => {
    const steps = planInstall(await lookBeforeInstall(context, found, source.sum), places)
    await act(context, places, steps, source)
    return steps.some(step => step.do === 'place-directory')
  })
  await finish(context, found, isNew)
}

/** Prints only the path, as the node sees it: for scripts. */
function where({ report, ...context }: InstallContext): void {
  const { places } = findInstalled({ ...context, report: { say: () => {}, note: report.note } })
  if (!context.system.files.isExecutable(places.target))
    throw new CephflexError('EINSTALL', `there is no driver at ${places.target}`, {
      hint: 'run "sh install.sh"',
    })
  report.say(places.targetOnNode)
}

async function uninstall(context: InstallContext): Promise<void> {
  const { options, report } = context
  const found = findInstalled(context)
  await withInstallLock(context, found.places.pluginDir, async () => {
    const facts = lookBeforeUninstall(context, found)
    const steps = planUninstall(facts, found.places, options)
    if (isInUse(facts))
      report.note(
        'volumes are still mounted; the kubelet cannot unmount them until the driver is installed again',
      )
    await removeRecovery(context, found.places.targetOnNode)
    await act(context, found.places, steps)
  })
}

async function findSource({ options }: InstallContext): Promise<Source> {
  const path = options.binary ?? driverFiles.ownProgram()
  if (path === undefined)
    throw new CephflexError('EINSTALL', 'this is a checkout, which contains no binary to install', {
      hint: 'run "npm run package", then "sh install.sh"; or specify a file with --binary',
    })
  const sum = await driverFiles.sha256(path)
  if (sum === undefined)
    throw new CephflexError('EINSTALL', `--binary ${path} is not a readable file`, {
      hint: 'check the path',
    })
  return { path, name: options.binary ?? 'this program', sum }
}

/** Allows one install at a time: it would remove the temporary files of another one. */
async function withInstallLock<T>(
  { system, options }: InstallContext,
  pluginDir: string,
  work: () => Promise<T>,
): Promise<T> {
  if (options.dryRun) return work()
  if (!system.isRoot())
    throw new CephflexError('ENOTROOT', `only root can change ${pluginDir}`, {
      hint: 'run this command as root',
    })
  prepareDirectories(system)
  const path = `${system.config.runDirectory}/locks/install-${shortHash(pluginDir)}`
  const lock = await system.lock(path, `install in ${pluginDir}`, 0).catch(error => {
    if (!(error instanceof CephflexError) || error.code !== 'ELOCKED') throw error
    throw new CephflexError('EINSTALL', `another install is running in ${pluginDir}`, {
      hint: 'run this command again when it has finished',
    })
  })
  try {
    return await work()
  } finally {
    lock.release()
  }
}

async function finish(context: InstallContext, { places, kubelet }: Found, isNew: boolean): Promise<void> {
  const { target, targetOnNode } = places
  const { options, report } = context
  if (options.dryRun) {
    await setUpRecovery(context, targetOnNode)
    return report.say(`would run ${target} init`)
  }
  await checkInit(context, targetOnNode, `${target} is installed but does not answer`)
  report.say(`${target} answers init`)
  if (kubelet) await checkVisible(context, places, kubelet)
  if (kubelet && isNew) await noteOldKubelet(context, kubelet)
  await runDoctor(context, targetOnNode)
  await setUpRecovery(context, targetOnNode)
  report.say(
    `done: use ${options.vendor}/${options.driver} as flexVolume.driver in pods and as the type of their Secrets`,
  )
}

/** Only advice: the driver is installed, whatever doctor finds. A driver of another release may have no doctor. */
async function runDoctor(context: InstallContext, targetOnNode: string): Promise<void> {
  const help = await runDriver(context, targetOnNode, ['--help'])
  if (help.exitCode !== 0 || !/^\s+doctor(?:\s|$)/m.test(help.stdout)) return
  const { exitCode, stdout, stderr } = await runDriver(context, targetOnNode, ['doctor'])
  for (const text of [stdout, stderr]) if (text.trim() !== '') context.report.say(text.trimEnd())
  if (exitCode !== 0) context.report.note('doctor found problems, see above; the driver is installed')
}
