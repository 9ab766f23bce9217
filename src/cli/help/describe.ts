import type { Argument, Command, Option } from 'commander'

export type ArgumentDoc = { name: string; means: string; choices: readonly string[] }
export type OptionDoc = {
  flags: string
  names: readonly string[]
  takesValue: boolean
  means: string
  choices: readonly string[]
}

/** One command of commander; `path` has the words after the program's name. */
export type CommandDoc = {
  path: readonly string[]
  usage: string
  means: string
  arguments: readonly ArgumentDoc[]
  options: readonly OptionDoc[]
  commands: readonly CommandDoc[]
}

/** Describes a command and all its subcommands: the only source of completions and manual. */
export function describe(command: Command, path: readonly string[] = []): CommandDoc {
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

/** The command and all its subcommands, in the order of the help. */
export function flatten(doc: CommandDoc): CommandDoc[] {
  return [doc, ...doc.commands.flatMap(flatten)]
}

function argumentDoc(argument: Argument): ArgumentDoc {
  return {
    name: argument.name(),
    means: argument.description,
    choices: argument.argChoices ?? [],
  }
}

function optionDoc(option: Option): OptionDoc {
  return {
    flags: option.flags,
    names: [option.short, option.long].filter(name => name !== undefined && name !== null),
    takesValue: option.required || option.optional,
    means: option.description,
    choices: option.argChoices ?? [],
  }
}
