import { CephflexError } from '../../core/errors.js'
import { nodePackages } from '../../core/install/packages.js'
import { runAttached } from '../../system/programs.js'
import { type InstallContext, isSystem } from './context.js'

/**
 * Reports the packages that a node needs. With `--yes`, installs them.
 *
 * @throws CephflexError EINSTALL for an unknown distribution, or if they cannot be installed.
 */
export async function installPackages({ system, options, report }: InstallContext): Promise<void> {
  const { root, yes, dryRun } = options
  const { files } = system
  const hasOnlyYum = !files.isExecutable(`${root}/usr/bin/dnf`) && files.isExecutable(`${root}/usr/bin/yum`)
  const osRelease = files.read(`${root}/etc/os-release`) ?? ''
  const { packages, installer } = nodePackages(osRelease, process.arch, hasOnlyYum)
  const command = [...installer, ...packages]
  report.say(`packages: ${packages.join(' ')}`)
  report.say(`command: ${command.join(' ')}`)
  if (!yes) return
  report.say(`${dryRun ? 'would ' : ''}run ${command.join(' ')}`)
  if (dryRun) return
  const [program = '', ...argv] = isSystem(system, root) ? ['chroot', root, ...command] : command
  if ((await runAttached(program, argv)) === 0) return
  throw new CephflexError('EINSTALL', `"${command.join(' ')}" failed`, {
    hint:
      "refresh the package lists (apt-get update), or add Ceph's repository " +
      '(https://docs.ceph.com/en/latest/install/get-packages/)',
  })
}
