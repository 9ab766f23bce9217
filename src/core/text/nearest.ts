const MAX_LENGTH = 64
const MAX_EDITS = 3

/** `: did you mean "…"?`, or an empty text if no candidate is close. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const name = nearest(word, candidates)
  return name === undefined ? '' : `: did you mean "${name}"?`
}

/**
 * The candidate closest to `word`, ignoring case, with at most one edit for every three letters, and three in all.
 * Undefined if none is that close.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word === '' || word.length > MAX_LENGTH) return undefined
  let best: string | undefined
  let closest = Math.min(MAX_EDITS, Math.max(1, Math.floor(word.length / 3))) + 1
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase())
    if (edits < closest) [best, closest] = [candidate, edits]
  }
  return best
}

function distance(word: string, other: string): number {
  return (
    [...word]
      .reduce(
        (above, letter) => rowAfter(above, letter, other),
        Array.from({ length: [...other].length + 1 }, (_, i) => i),
      )
      .at(-1) ?? 0
  )
}

function rowAfter(above: readonly number[], letter: string, other: string): number[] {
  const row = [(above[0] ?? 0) + 1]
  for (const [i, there] of [...other].entries()) {
    const replaced = (above[i] ?? 0) + (letter === there ? 0 : 1)
    row.push(Math.min(replaced, (above[i + 1] ?? 0) + 1, (row[i] ?? 0) + 1))
  }
  return row
}
