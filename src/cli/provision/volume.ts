import { Command } from 'commander'
import type { CommandIo } from '../terminal/command-io.js'
import { create, expand, remove } from './volume-change.js'
import { purge, restore } from './volume-kept.js'
import { volumeLint } from './volume-lint.js'
import { list, show } from './volume-show.js'

/** `cephflex volume`: creates, changes and deletes volumes by hand. */
export function volume(io: CommandIo): Command {
  const group = new Command('volume').description('create, list and delete volumes in CephFS')
  const changes = [create(io), remove(io), expand(io), purge(io), restore(io)]
  for (const command of [...changes, list(io), show(io), volumeLint(io)]) group.addCommand(command)
  return group
}
