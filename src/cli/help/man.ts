import { Command } from 'commander'
import { readAsset } from '../../system/assets.js'
import type { CommandIo } from '../terminal/command-io.js'

/** `cephflex man`: the manual page as man(1) reads it, from inside the program. */
export function man(io: CommandIo): Command {
  return new Command('man')
    .description('print the manual page; read it with: cephflex man | man -l -')
    .action(() => io.out(readAsset('cephflex.1').trimEnd()))
}
