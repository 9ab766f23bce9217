/**
 * The words of an arguments file, as microk8s has one for each daemon: several
 * lines, `#` comments, quotes, and variables as in a shell.
 */
export function wordsOfArgumentsFile(text: string, variables: Readonly<Record<string, string>>): string[] {
  const lines = text.split('\n').filter(line => !/^\s*#/.test(line))
  return wordsOf(expand(lines.join('\n'), variables))
}

/** The words of the last `ExecStart` in a systemd unit, without the program. */
export function wordsOfUnit(unit: string): string[] {
  const command = [...unit.replace(/\\\n/g, ' ').matchAll(/^ExecStart=(.+)$/gm)].at(-1)?.[1] ?? ''
  return wordsOf(command).slice(1)
}

/** The variables of `NAME=VALUE` lines, as in an EnvironmentFile of systemd. */
export function variablesIn(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap(line => {
      const [, name, value = ''] = /^\s*(\w+)=(.*)$/.exec(line) ?? []
      return name === undefined ? [] : [[name, wordsOf(value).join(' ')]]
    }),
  )
}

/** Splits at whitespace. Quotes keep a word together and are removed. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  )
}

function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (found, braced, bare) => variables[braced ?? bare] ?? found)
}
