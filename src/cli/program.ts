import { Command, CommanderError } from 'commander'
import { CephflexError } from '../core/errors.js'
import { versionText } from '../core/version.js'
import { engine } from '../system/engine.js'
import { COMMANDS, type CommandName } from './commands.js'
import { controller } from './controller/controller.js'
import { devCluster } from './dev-cluster/dev-cluster.js'
import { bundle } from './doctor/bundle.js'
import { doctor } from './doctor/doctor.js'
import { explain } from './explain/explain.js'
import { completion } from './help/completion.js'
import { help, pageList } from './help/help.js'
import { man } from './help/man.js'
import { install } from './install/install.js'
import { installScript } from './install/install-script.js'
import { selfTest } from './install/self-test.js'
import { manifests } from './manifests/manifests.js'
import { exportCsi } from './migration/export-csi.js'
import { importVolumes } from './migration/import.js'
import { mountTest } from './mount-test/mount-test.js'
import { logs } from './node/logs.js'
import { metrics } from './node/metrics.js'
import { status } from './node/status.js'
import { volume } from './provision/volume.js'
import { reap } from './recover/reap.js'
import { recover } from './recover/recover.js'
import { type CommandIo, streams } from './terminal/command-io.js'

/** Runs a command. @returns the exit code: 0, or another one with the reason on stderr. */
export async function runProgram(argv: readonly string[], io: CommandIo = streams()): Promise<number> {
  try {
    await buildProgram(io).parseAsync([...argv], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode // the reason is already printed
    if (!(error instanceof CephflexError)) throw error
    io.err(`${error.code}: ${error.message}\n  hint: ${error.hint}`)
    return 1
  }
}

/** The program with all its commands. */
export function buildProgram(io: CommandIo): Command {
  const program = new Command('cephflex')
    .description('mount CephFS into pods: a FlexVolume driver, and commands to operate it by hand')
    .version(
      versionText(engine.name, process.arch),
      '-v, --version',
      'print version, commit, engine and processor architecture',
    )
    .exitOverride()
    .configureOutput({ writeOut: text => io.out(text.trimEnd()), writeErr: text => io.err(text.trimEnd()) })
    .addHelpText('after', '\nCalls of the kubelet: init | mount DIR JSON | unmount DIR')
    .addHelpText('after', pageList)
  for (const name of Object.keys(COMMANDS) as CommandName[])
    program.addCommand(BUILDERS[name](io).copyInheritedSettings(program))
  return program
}

/** The builder of each command in `commands.ts`. */
const BUILDERS = {
  doctor,
  'mount-test': mountTest,
  status,
  logs,
  recover,
  reap,
  explain,
  bundle,
  metrics,
  volume,
  controller,
  import: importVolumes,
  'export-csi': exportCsi,
  manifests,
  'dev-cluster': devCluster,
  install,
  completion,
  man,
  'install-script': installScript,
  'self-test': selfTest,
  help,
} as const satisfies Record<CommandName, (io: CommandIo) => Command>
