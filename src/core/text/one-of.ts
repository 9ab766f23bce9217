/** Words as a choice in a sentence: `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  const last = words.slice(-2).join(' or ')
  return [...words.slice(0, -2), last].join(', ')
}
