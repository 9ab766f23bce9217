/** The value of the last `--NAME=VALUE` or `--NAME VALUE`. Kubelets read `_` in a name as `-`. */
export function flagValue(words: readonly string[], name: string): string | undefined {
  return valuesOf(words, /^--([^=]+)(?:=([\s\S]*))?$/, flag => flag.replaceAll('_', '-') === name).at(-1)
}

/** All values of `--NAME=VALUE`, `--NAME VALUE` and `-NAME ...`, in order. */
export function flagValues(words: readonly string[], ...names: string[]): string[] {
  return valuesOf(words, /^--?([^=-][^=]*)(?:=([\s\S]*))?$/, flag => names.includes(flag))
}

/** @param pattern of a flag; the groups are its name and the value after its `=`. */
function valuesOf(words: readonly string[], pattern: RegExp, isWanted: (flag: string) => boolean): string[] {
  return words.flatMap((word, i) => {
    const [, flag = '', value] = pattern.exec(word) ?? []
    return isWanted(flag) ? [value ?? words[i + 1] ?? []].flat() : []
  })
}
