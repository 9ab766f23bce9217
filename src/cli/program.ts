import { Command, CommanderError } from 'commander'
import { DriverError } from '../core/errors.js'
import { versionText } from '../core/version.js'
import { type CommandIo, streams } from './command-io.js'
import { bundle } from './commands/bundle.js'
import { completion } from './commands/completion.js'
import { controller } from './commands/controller.js'
import { devCluster } from './commands/dev-cluster.js'
import { doctor } from './commands/doctor.js'
import { explain } from './commands/explain.js'
import { exportCsi } from './commands/export-csi.js'
import { help } from './commands/help.js'
import { importVolumes } from './commands/import.js'
import { installScript } from './commands/install-script.js'
import { logs } from './commands/logs.js'
import { man } from './commands/man.js'
import { manifests } from './commands/manifests.js'
import { metrics } from './commands/metrics.js'
import { mountTest } from './commands/mount-test.js'
import { reap } from './commands/reap.js'
import { recover } from './commands/recover.js'
import { status } from './commands/status.js'
import { volume } from './commands/volume.js'

/** Every command that people type; to add one, write a file in `commands/` and name it here. */
const COMMANDS = [
  doctor,
  mountTest,
  status,
  logs,
  recover,
  reap,
  explain,
  bundle,
  metrics,
  volume,
  controller,
  importVolumes,
  exportCsi,
  manifests,
  devCluster,
  completion,
  man,
  installScript,
  help,
]

/** The program with all its commands. */
export const buildProgram = (io: CommandIo): Command => {
  const program = new Command('cephflex')
    .description('mount CephFS into pods: a FlexVolume driver, and commands to try it by hand')
    .version(
      versionText(process.versions.node, process.arch),
      '-v, --version',
      'say version, commit, Node.js and processor',
    )
    .exitOverride()
    .configureOutput({ writeOut: text => io.out(text.trimEnd()), writeErr: text => io.err(text.trimEnd()) })
    .addHelpText('after', '\nThe kubelet calls: init | mount DIR JSON | unmount DIR')
  for (const make of COMMANDS) program.addCommand(make(io).copyInheritedSettings(program))
  return program
}

/** Runs a command that a person typed. @returns the exit code: 0, or 1 with the reason on stderr. */
export const runProgram = async (argv: readonly string[], io: CommandIo = streams()): Promise<number> => {
  try {
    await buildProgram(io).parseAsync([...argv], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode // it has already said why
    if (!(error instanceof DriverError)) throw error
    io.err(`${error.code}: ${error.message}\n  hint: ${error.hint}`)
    return 1
  }
}
