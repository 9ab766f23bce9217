/** The value of the first option that begins with `prefix`; undefined without one. */
export function optionValue(prefix: string, options: readonly string[]): string | undefined {
  return options.find(text => text.startsWith(prefix))?.slice(prefix.length)
}
