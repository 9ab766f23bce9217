import { Command } from 'commander'
import { engine } from '../../system/engine.js'
import type { CommandIo } from '../terminal/command-io.js'

/** `cephflex self-test`: how install.sh finds out which binary works on a node. */
export function selfTest(io: CommandIo): Command {
  return new Command('self-test')
    .description(
      'check that this program works on this node, without a mount: a file, a socket, a lock, a child',
    )
    .action(async () => {
      const [{ tryEngine }, { nodeSystemOrDefault }] = await Promise.all([
        import('../../ops/install/try-engine.js'),
        import('../node-system.js'),
      ])
      const { system } = await nodeSystemOrDefault('self-test')
      await tryEngine(system, process.argv[1] ?? '')
      io.out(`${engine.name} works on this node`)
    })
}
