import { Command } from 'commander'
import { readAsset } from '../../system/assets.js'
import type { CommandIo } from '../terminal/command-io.js'

/** `cephflex install-script`: prints install.sh of the same release, for nodes that have only the binary. */
export function installScript(io: CommandIo): Command {
  return new Command('install-script')
    .description(
      'print install.sh; a binary can install itself: ./FILE install-script | sh -s -- --binary ./FILE',
    )
    .action(() => io.out(readAsset('install.sh').trimEnd()))
}
