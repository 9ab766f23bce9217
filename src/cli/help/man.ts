import { Command } from 'commander'
import { readAsset } from '../../system/assets.js'
import type { CommandIo } from '../terminal/command-io.js'

/** `cephflex man`: the source of the manual page, for man(1). */
export function man(io: CommandIo): Command {
  return new Command('man')
    .description('print the manual page; read it with: cephflex man | man -l -')
    .action(() => io.out(readAsset('cephflex.1').trimEnd()))
}
