import { Argument, Command } from 'commander'
import { assetNames, readAsset } from '../../system/assets.js'
import type { CommandIo } from '../terminal/command-io.js'

const FOLDER = 'docs/'

/** `cephflex help`: the help of a command, or a page about a topic. */
export function help(io: CommandIo): Command {
  return new Command('help')
    .description('print the help of a command, or a page of the documentation')
    .addArgument(new Argument('[name]', 'a command or a page'))
    .addHelpText('after', pageList)
    .action(async (name: string | undefined, _: object, self: Command) => {
      const program = self.parent as Command
      const command = name === undefined ? program : program.commands.find(each => each.name() === name)
      if (command) return command.outputHelp()
      const [{ CephflexError }, { didYouMean }] = await Promise.all([
        import('../../core/errors.js'),
        import('../../core/text/nearest.js'),
      ])
      const page = name ?? ''
      const pages = pageNames()
      if (pages.includes(page)) return io.out(readAsset(`${FOLDER}${page}.md`).trimEnd())
      const known = [...pages, ...program.commands.map(each => each.name())]
      throw new CephflexError(
        'EBADREQUEST',
        `there is no command or page "${page.slice(0, 60)}"${didYouMean(page, known)}`,
        { hint: `pages: ${pages.join(', ')}; "cephflex --help" lists the commands` },
      )
    })
}

/** The last line of a help text. */
export function pageList(): string {
  return `\nPages (cephflex help PAGE): ${pageNames().join(', ')}`
}

function pageNames(): string[] {
  return assetNames()
    .filter(asset => asset.startsWith(FOLDER))
    .map(asset => asset.slice(FOLDER.length).replace(/\.md$/, ''))
}
