import { constants } from 'node:os'
import { Command, CommanderError, type ErrorOptions, Option } from 'commander'
import type { InstallFlags, InstallOptions } from '../../core/install/options.js'
import { interruptible } from '../interrupts.js'
import type { CommandIo } from '../terminal/command-io.js'

const USAGE_CODE = 2

const MORE = `
The plugin directory, without --plugin-dir, is the first of: --volume-plugin-dir of the running kubelet; volumePluginDir
of its configuration; a known directory that exists; /usr/libexec/kubernetes/kubelet-plugins/volume/exec.

If the same file is already installed, nothing changes. An upgrade is one rename, while the kubelet runs and volumes are
mounted. --recover also writes, enables and starts a systemd service, which runs "recover --watch --reap". Keys that come
from Secrets must be kept for it: set "recovery": true in /etc/cephflex/config.json. /etc/cephflex/config.json is created only if it does not exist. It sets kubeletRoots to the root directory of
the running kubelet: the driver mounts nowhere else.
Exit code: 0 done, 1 refused or failed (stderr explains why and what to do), 2 wrong usage.

Examples, which also work with "sh install.sh" (it finds the binary, verifies it and runs this command)
  cephflex install                                     this node
  cephflex install --recover                           and recover volumes by itself
  cephflex install --dry-run                           print what would be done
  cephflex install --plugin-dir /var/lib/kubelet/volumeplugins
                                                       with a read-only /usr (Flatcar, Container-Optimized OS);
                                                       the kubelet requires the same --volume-plugin-dir
  sh install.sh --root /host                           in a pod of a DaemonSet, with the node's / mounted at /host
  cephflex install --vendor example.com --driver ceph  named example.com/ceph
  cephflex install --deps --yes                        install the packages; then: cephflex install
  cephflex install --uninstall --purge                 remove everything`

/**
 * `cephflex install`: installs this program in the kubelet's plugin directory, or removes it. An installed driver has
 * this command too, and applies it to itself.
 */
export function install(io: CommandIo): Command {
  const command = new InstallCommand('install')
  return command
    .description("install the driver in the kubelet's plugin directory, upgrade it in place, or remove it")
    .option('--plugin-dir <dir>', "the kubelet's volume plugin directory, as the node sees it")
    .option('--vendor <name>', "vendor part of the driver's name (default: cephflex)")
    .option('--driver <name>', "driver part of the driver's name (default: cephfs): DIR/VENDOR~DRIVER/DRIVER")
    .option('--root <dir>', "the node's root directory, as mounted in a container")
    .option('--binary <file>', 'install this file (default: this program)')
    .option(
      '--engine <name>',
      'for install.sh: bun or node (default: bun if it works on this node, else node)',
    )
    .option('--no-verify', 'for install.sh: do not compare the file with the SHA256SUMS next to it')
    .addOption(new Option('--tried <text>', 'from install.sh: which binaries did not work').hideHelp())
    .option('--link <file>', 'for install.sh: make this a symbolic link to the binary that it chose')
    .option(
      '--exec <command...>',
      'for install.sh: run this command of the binary that it chose, install nothing',
    )
    .option('--uninstall', 'remove the driver; refused while its volumes are mounted')
    .option('--force', 'with --uninstall: remove it even if volumes are mounted')
    .option('--purge', 'with --uninstall: also remove its configuration and logs')
    .option('--recover', 'also set up a systemd service that remounts volumes whose client died')
    .option('--where', 'print the path of the installed driver')
    .option('--deps', 'print the packages that this node needs (ceph-fuse, ceph-common)')
    .option('--yes', 'with --deps: install them')
    .option('--dry-run', 'print what would be done, change nothing')
    .addHelpText('after', MORE)
    .action(async (flags: InstallFlags) => {
      const [{ installOptions }, { CephflexError }, { engine }] = await Promise.all([
        import('../../core/install/options.js'),
        import('../../core/errors.js'),
        import('../../system/engine.js'),
      ])
      try {
        await run(io, installOptions(flags, process.argv[1] ?? '', engine.id))
      } catch (error) {
        if (error instanceof CephflexError && error.code === 'EUSAGE')
          command.error(`error: ${error.message}`)
        throw error
      }
    })
}

/** Wrong usage has its own exit code, the same as in install.sh. */
class InstallCommand extends Command {
  override error(message: string, options?: ErrorOptions): never {
    return super.error(`${message}\n  hint: see --help`, { ...options, exitCode: USAGE_CODE })
  }
}

async function run(io: CommandIo, options: InstallOptions) {
  const [{ runInstall }, { nodeSystemOrDefault }] = await Promise.all([
    import('../../ops/install/install.js'),
    import('../node-system.js'),
  ])
  const report = { say: io.out, note: (line: string) => io.err(`note: ${line}`) }
  // new files are readable by all users, whatever the caller's umask is
  process.umask(0o022)
  await endedBySignal(async signal => {
    const { system } = await nodeSystemOrDefault('install', signal)
    await runInstall({ system, options, report, program: process.argv[1] ?? '', signal })
  })
}

/** Runs `work`. A signal aborts it cleanly; the exit code is then 128 plus the signal number, as in a shell. */
async function endedBySignal(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  let code: number | undefined
  const setCode = (name: NodeJS.Signals) => {
    code = 128 + constants.signals[name]
  }
  await interruptible(work, setCode).catch(error => {
    throw code === undefined ? error : new CommanderError(code, 'cephflex.interrupted', '')
  })
}
