import { Argument, Command } from 'commander'
import type { CommandIo } from '../terminal/command-io.js'
import { forBash, forZsh } from './bash.js'
import { describe } from './describe.js'
import { forFish } from './fish.js'

const SHELLS = { bash: forBash, zsh: forZsh, fish: forFish }

const HOW = `
Examples:
  cephflex completion bash >/etc/bash_completion.d/cephflex
  cephflex completion zsh >/usr/local/share/zsh/site-functions/_cephflex
  cephflex completion fish >/etc/fish/completions/cephflex.fish`

/** `cephflex completion`: a script that completes commands, options and values, made of commander's definitions. */
export function completion(io: CommandIo): Command {
  return new Command('completion')
    .description('print a shell completion script')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .addHelpText('after', HOW)
    .action((shell: keyof typeof SHELLS, _options: object, command: Command) => {
      const program = command.parent ?? command
      io.out(SHELLS[shell](program.name(), describe(program)).trimEnd())
    })
}
