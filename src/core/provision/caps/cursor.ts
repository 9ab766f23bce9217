/** White space that the grammars take before a word. */
export const SPACES = /[ \n\t]+/y
const STRING = /"[^"]+"|'[^']+'|[a-zA-Z0-9_./-]+/y

/** A position in caps. Each method moves it only if it matches. Like the parsers of Ceph, it never goes back. */
export class Cursor {
  at = 0
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  get rest(): string {
    return this.text.slice(this.at)
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const [found] = pattern.exec(this.text) ?? []
    if (found !== undefined) this.at += found.length
    return found
  }

  /** Matches all patterns one after the other, or none. Returns the text of the last. */
  sequence(...patterns: RegExp[]): string | undefined {
    return this.attempt(() => {
      let last: string | undefined = ''
      for (const pattern of patterns) {
        last = this.take(pattern)
        if (last === undefined) return undefined
      }
      return last
    })
  }

  /** A word, or a string in quotes that is not empty, after these patterns. */
  string(...before: RegExp[]): string | undefined {
    return unquoted(this.sequence(...before, STRING))
  }

  /** What `read` returns. If that is undefined, the position is the same as before. */
  attempt<T>(read: () => T | undefined): T | undefined {
    const start = this.at
    const result = read()
    if (result === undefined) this.at = start
    return result
  }

  /** Reads grants with a separator between them, as far as they match. */
  list<T>(read: () => T | undefined, separator: RegExp): T[] {
    const found: T[] = []
    for (;;) {
      const next = this.attempt(() =>
        found.length > 0 && this.take(separator) === undefined ? undefined : read(),
      )
      if (next === undefined) return found
      found.push(next)
    }
  }
}

/** The grants of a text, or where parsing stops: a daemon then ignores all of them. */
export type Reading<Grant> = { grants: Grant[] } | { stoppedAt: string }

/** The result of a grammar: the whole text or nothing. */
export function wholeText<Grant>(cursor: Cursor, grants: Grant[]): Reading<Grant> {
  return grants.length > 0 && cursor.rest === '' ? { grants } : { stoppedAt: cursor.rest }
}

/** A quoted string without its quotes. */
export function unquoted<Text extends string | undefined>(text: Text): Text {
  return text?.replace(/^(["'])(.*)\1$/s, '$2') as Text
}

/** Without white space at the end, which some parsers skip. */
export function trimmedEnd(text: string): string {
  return text.replace(/[ \t\n\v\f\r]+$/, '')
}

/** The grant of `network`: a CIDR, of which the daemons check only the characters when they parse. */
export function readNetwork(cursor: Cursor, spaces = SPACES): { network?: string } {
  const network = cursor.sequence(spaces, /network/y, spaces, /[/.:a-fA-F0-9\][]+/y)
  return network === undefined ? {} : { network }
}
