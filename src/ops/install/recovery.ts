import { dirname } from 'node:path/posix'
import { CephflexError } from '../../core/errors.js'
import { readAsset } from '../../system/assets.js'
import { asyncFiles } from '../../system/programs.js'
import { type InstallContext, runOnNode } from './context.js'

const SERVICE = 'cephflex-recover.service'
const UNIT = `/etc/systemd/system/${SERVICE}`

/** @throws CephflexError EINSTALL if a service is asked for and systemd does not run here. */
export function requireSystemd({ system, options: { recover, root } }: InstallContext): void {
  // the check that sd_booted(3) documents
  if (!recover || system.files.kind(`${root}/run/systemd/system`) === 'directory') return
  const hint = 'let another service manager run "DIR/cephflex~cephfs/cephfs recover --watch --reap"'
  throw new CephflexError('EINSTALL', '--recover needs systemd, which does not run here', { hint })
}

/**
 * Writes, enables and starts the service that recovers volumes, if the options ask for it. After an upgrade of the
 * driver, an enabled service starts again with the new one. Clients are not in the control group of the service.
 *
 * @throws CephflexError EINSTALL; the driver is then installed.
 */
export async function setUpRecovery(context: InstallContext, target: string): Promise<void> {
  const { system, options, report } = context
  const isOurs = isUnitOf(context, target)
  if (!options.recover && !isOurs) return
  const would = options.dryRun ? 'would ' : ''
  report.say(`${would}write ${UNIT}, and start ${SERVICE}`)
  if (options.dryRun) return
  const path = `${options.root}${UNIT}`
  if (!isOurs && system.files.kind(path) !== 'missing')
    throw new CephflexError('EINSTALL', `${UNIT} was not written by this program`, { hint: `remove ${UNIT}` })
  system.files.makeDirectory(dirname(path), 0o755)
  await asyncFiles.publish(path, unitText(target))
  await systemctl(context, 'daemon-reload')
  if (options.recover) await systemctl(context, 'enable', SERVICE)
  await systemctl(context, options.recover ? 'restart' : 'try-restart', SERVICE)
}

/** Stops and removes the service of this driver, if there is one. Clients that it has started keep running. */
export async function removeRecovery(context: InstallContext, target: string): Promise<void> {
  const { options, report, system } = context
  if (!isUnitOf(context, target)) return
  report.say(`${options.dryRun ? 'would ' : ''}stop ${SERVICE}, and remove ${UNIT}`)
  if (options.dryRun) return
  await systemctl(context, 'disable', '--now', SERVICE)
  system.files.remove(`${options.root}${UNIT}`)
  await systemctl(context, 'daemon-reload')
}

function unitText(target: string): string {
  return readAsset(`install/${SERVICE}`).replace('DRIVER', target)
}

function isUnitOf({ system, options: { root } }: InstallContext, target: string): boolean {
  return system.files.tryRead(`${root}${UNIT}`)?.includes(`ExecStart=${target} recover `) ?? false
}

async function systemctl(context: InstallContext, ...argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runOnNode(context, 'systemctl', argv)
  if (exitCode === 0) return
  throw new CephflexError(
    'EINSTALL',
    `systemctl ${argv.join(' ')}: ${stderr.trim() || 'no answer in time'}`,
    {
      hint: `the driver is installed; see "systemctl status ${SERVICE}"`,
    },
  )
}
