import { Argument, Command } from 'commander'
import type { CommandIo } from '../terminal/command-io.js'

const FOLDER = 'docs/'

/** `cephflex help`: the help of a command, or a page about a topic. */
export function help(io: CommandIo): Command {
  return new Command('help')
    .description(
      'print the help of a command, or a page: architecture, troubleshooting, errors, threat-model, failure-modes, reliability, migration',
    )
    .addArgument(new Argument('[name]', 'a command or a topic'))
    .action(async (name: string | undefined, _: object, self: Command) => {
      const program = self.parent as Command
      const command = name === undefined ? program : program.commands.find(each => each.name() === name)
      if (command) return io.out(command.helpInformation().trimEnd())
      const [{ assetNames, readAsset }, { CephflexError }, { didYouMean }] = await Promise.all([
        import('../../system/assets.js'),
        import('../../core/errors.js'),
        import('../../core/text/nearest.js'),
      ])
      const topics = assetNames()
        .filter(asset => asset.startsWith(FOLDER))
        .map(asset => asset.slice(FOLDER.length).replace(/\.md$/, ''))
      const topic = name ?? ''
      if (topics.includes(topic)) return io.out(readAsset(`${FOLDER}${topic}.md`).trimEnd())
      const known = [...topics, ...program.commands.map(each => each.name())]
      throw new CephflexError(
        'EBADREQUEST',
        `there is no help on "${topic.slice(0, 60)}"${didYouMean(topic, known)}`,
        {
          hint: `topics: ${topics.join(', ')}; "cephflex --help" lists the commands`,
        },
      )
    })
}
