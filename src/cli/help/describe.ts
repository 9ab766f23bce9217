import type { Argument, Command, Option } from 'commander'

export type ArgumentDoc = { name: string; means: string; choices: readonly string[] }
export type OptionDoc = {
  flags: string
  names: readonly string[]
  takesValue: boolean
  means: string
  choices: readonly string[]
}

/** One command as commander knows it; `path` has the words after the program's name. */
export type CommandDoc = {
  path: readonly string[]
  usage: string
  means: string
  arguments: readonly ArgumentDoc[]
  options: readonly OptionDoc[]
  commands: readonly CommandDoc[]
}

const argumentDoc = (argument: Argument): ArgumentDoc => ({
  name: argument.name(),
  means: argument.description,
  choices: argument.argChoices ?? [],
})

const optionDoc = (option: Option): OptionDoc => ({
  flags: option.flags,
  names: [option.short, option.long].filter(name => name !== undefined && name !== null),
  takesValue: option.required || option.optional,
  means: option.description,
  choices: option.argChoices ?? [],
})

/** What commander knows of a command and all below it: the one source of completions and manual. */
export const describe = (command: Command, path: readonly string[] = []): CommandDoc => {
  const help = command.createHelp()
  return {
    path,
    usage: command.usage(),
    means: command.description(),
    arguments: command.registeredArguments.map(argumentDoc),
    options: help.visibleOptions(command).map(optionDoc),
    commands: help.visibleCommands(command).map(below => describe(below, [...path, below.name()])),
  }
}

/** The command itself and every one below it, in the order of the help. */
export const flatten = (doc: CommandDoc): CommandDoc[] => [doc, ...doc.commands.flatMap(flatten)]
