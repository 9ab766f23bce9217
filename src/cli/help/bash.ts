import { type ArgumentDoc, type CommandDoc, flatten } from './describe.js'

/** @returns the whole script for bash. */
export function forBash(program: string, doc: CommandDoc): string {
  return `${functionText(program, doc)}complete -F _${program}_words ${program}\n`
}

/** @returns the whole script for zsh, to be sourced or to lie in the fpath as _cephflex. */
export function forZsh(program: string, doc: CommandDoc): string {
  return `#compdef ${program}
autoload -U +X compinit bashcompinit
(( $+functions[compdef] )) || compinit
bashcompinit
${functionText(program, doc)}complete -F _${program}_words ${program}
# loaded from the fpath by the first key press, which wants an answer too
if [[ $funcstack[1] = _${program} ]]; then _bash_complete -F _${program}_words; fi
`
}

/**
 * A completion for bash, and for zsh by its own emulation of bash's: all words
 * are in the script, so that no key press starts the program, and nothing that
 * was typed is ever evaluated. Needs no package bash-completion.
 */
function functionText(program: string, doc: CommandDoc): string {
  const commands = flatten(doc)
  return `# Completion of ${program} for bash and zsh, made by "${program} completion".
_${program}_words() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path='' option='' words='' kind='' word i count=0
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # bash makes words of "--option=value" as "--option", "=", "value"
    if [ "$word" = '=' ]; then
      [ -n "$option" ] || i=$((i + 1))
      continue
    fi
    if [ -n "$option" ]; then
      option=''
      continue
    fi
    case "$path $word" in
${cases(steps(commands))}
      *' -'*) ;;
      *) count=$((count + 1)) ;;
    esac
  done
  [ "$cur" != '=' ] || cur=''
  if [ -n "$option" ]; then
    case "$path $option" in
${cases(choiceRows(commands))}
    esac
  elif [ "\${cur#-}" != "$cur" ]; then
    case "$path" in
${cases(optionRows(commands))}
    esac
  else
    case "$path $count" in
${cases(commands.flatMap(positions))}
    esac
  fi
  local IFS=$'\\n'
  if [ -n "$kind" ]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen $kind -- "$cur"))
  else
    COMPREPLY=($(compgen -W "\${words// /$IFS}" -- "$cur"))
  fi
}
`
}

function cases(rows: readonly (readonly [key: string, action: string])[]): string {
  return rows.map(([key, action]) => `      ${quote(key)}) ${action} ;;`).join('\n')
}

function steps(commands: readonly CommandDoc[]): [string, string][] {
  return [
    ...commands
      .filter(({ path }) => path.length > 0)
      .map((command): [string, string] => [pathOf(command), `path=${quote(pathOf(command))} count=0`]),
    ...valued(commands).map(([key]): [string, string] => [key, 'option=$word']),
  ]
}

function choiceRows(commands: readonly CommandDoc[]): [string, string][] {
  return valued(commands).flatMap(([key, { choices }]) => (choices.length > 0 ? [[key, words(choices)]] : []))
}

function valued(commands: readonly CommandDoc[]) {
  return commands.flatMap(command =>
    command.options
      .filter(({ takesValue }) => takesValue)
      .flatMap(option => option.names.map(name => [`${pathOf(command)} ${name}`, option] as const)),
  )
}

function optionRows(commands: readonly CommandDoc[]): [string, string][] {
  return commands.map(command => [pathOf(command), words(command.options.flatMap(({ names }) => names))])
}

function positions(command: CommandDoc): [string, string][] {
  return command.commands.length > 0
    ? [[`${pathOf(command)} 0`, words(command.commands.map(({ path }) => path.at(-1) ?? ''))]]
    : command.arguments.map((argument, i) => [`${pathOf(command)} ${i}`, argumentAction(argument)])
}

/** The words that lead to the command, each after a blank. */
function pathOf({ path }: CommandDoc): string {
  return path.map(word => ` ${word}`).join('')
}

function argumentAction({ name, choices }: ArgumentDoc): string {
  if (choices.length > 0) return words(choices)
  return name === 'dir' ? 'kind=-d' : ':'
}

function words(names: readonly string[]): string {
  return `words=${quote(names.join(' '))}`
}

/** Single quotes, for text of our own definitions. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
