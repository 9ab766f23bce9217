import { type CommandDoc, flatten, type OptionDoc } from './describe.js'

/** A completion for fish: all words are in the script, so that no key press starts the program. */
export function forFish(program: string, doc: CommandDoc): string {
  const commands = flatten(doc)
  const withValue = new Set(
    commands.flatMap(({ options }) =>
      options.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names),
    ),
  )
  return `# Completion of ${program} for fish, made by "${program} completion".
# Is the command line at this command, with so many words (or any number) after it?
function __${program}_at -a path count
    set -l words
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${[...withValue].join(' ')}
                set skip 1
            case '-*'
            case '*'
                set -a words $word
        end
    end
    set -l want (string split -n ' ' -- $path)
    set -l length (count $want)
    set -l rest (math (count $words) - $length)
    test $rest -ge 0; or return 1
    if test $length -gt 0
        test "$words[1..$length]" = "$path"; or return 1
    end
    test -z "$count"; or test $rest = $count
end
complete -c ${program} -e
complete -c ${program} -f
${commands.flatMap(command => rules(program, command)).join('\n')}
`
}

function rules(program: string, command: CommandDoc): string[] {
  const at = (count?: number) =>
    `__${program}_at "${command.path.join(' ')}"${count === undefined ? '' : ` ${count}`}`
  return [
    ...command.commands.map(({ path, means }) =>
      rule(program, at(0), '-a', path.at(-1) ?? '', '-d', quote(means)),
    ),
    ...command.arguments.flatMap(({ name, choices }, i) => {
      const words = name === 'dir' ? '(__fish_complete_directories)' : choices.join(' ')
      return words === '' ? [] : [rule(program, at(i), '-a', quote(words))]
    }),
    ...command.options.map(option => rule(program, at(), ...optionWords(option))),
  ]
}

function rule(program: string, condition: string, ...words: readonly string[]): string {
  return ['complete', '-c', program, '-n', quote(condition), ...words].join(' ')
}

function optionWords({ names, takesValue, means, choices }: OptionDoc): string[] {
  const value = choices.length > 0 ? ['-x', '-a', quote(choices.join(' '))] : takesValue ? ['-x'] : []
  return [...nameFlags(names), ...value, '-d', quote(means)]
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function nameFlags(names: readonly string[]): string[] {
  return names.flatMap(name => (name.startsWith('--') ? ['-l', name.slice(2)] : ['-s', name.slice(1)]))
}
