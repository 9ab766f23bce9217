/** The value of the last `--NAME=VALUE` or `--NAME VALUE`. Kubelets read `_` in a name as `-`. */
export function flagValue(words: readonly string[], name: string): string | undefined {
  const values = words.flatMap((word, i) => {
    const [, flag = '', value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (flag.replaceAll('_', '-') !== name) return []
    return [value ?? words[i + 1] ?? []].flat()
  })
  return values.at(-1)
}

/** All values of `--NAME=VALUE`, `--NAME VALUE` and `-NAME ...`, in order. */
export function flagValues(words: readonly string[], ...names: string[]): string[] {
  return words.flatMap((word, i) => {
    const [, flag = '', value] = /^--?([^=-][^=]*)(?:=([\s\S]*))?$/.exec(word) ?? []
    return names.includes(flag) ? [value ?? words[i + 1] ?? []].flat() : []
  })
}
