/** The relevant grammars of MDS caps: without and with a "-" in paths, and today's. */
export const ERAS = ['10.1', '10.2', 'today'] as const
export type Era = (typeof ERAS)[number]

export type MdsGrant = {
  /** `r`, `rw`, `rwp`, …, or `*`. */
  spec: string
  /** Without quotes; undefined: every path. */
  path?: string
  /** Whether the path is quoted in the caps. */
  isQuoted: boolean
  fsName?: string
}

export type CapsReading = { grants: MdsGrant[] } | { stoppedAt: string }

const SPACES = /[ \n\t]+/y
const QUOTED = /"[^"]*"|'[^']*'/y

/**
 * Parses MDS caps as the MDS of a release does: the whole text or nothing. If parsing stops before the end, the MDS
 * ignores every grant, although the monitors accept and show the text.
 *
 * @see MDSAuthCaps.cc: `if (r && iter == end)`, else `grants.clear()`
 */
export function parseMdsCaps(text: string, era: Era): CapsReading {
  const grammar = GRAMMARS[era]
  if (text === 'allow') return { grants: [{ spec: 'rw', isQuoted: false }] }
  // white space at either end is skipped
  const cursor = new Cursor(text.replace(/[ \t\n\v\f\r]+$/, ''))
  cursor.take(/[ \t\n\v\f\r]+/y)
  const grants: MdsGrant[] = []
  for (;;) {
    const before = cursor.at
    if (grants.length > 0 && cursor.sequence(/ *[;,] */y) === undefined) break
    const grant = readGrant(cursor, grammar)
    if (grant === undefined) {
      cursor.at = before
      break
    }
    grants.push(grant)
  }
  if (grants.length > 0 && cursor.at === cursor.text.length) return { grants }
  return { stoppedAt: cursor.text.slice(cursor.at) }
}

/** Whether a grant with this path covers a directory. The MDS ignores its leading `/`. */
export function coversPath(grantPath: string | undefined, directory: string): boolean {
  const strip = (path: string) => path.replace(/^\/+|\/+$/g, '')
  const wide = strip(grantPath ?? '')
  return wide === '' || strip(directory) === wide || strip(directory).startsWith(`${wide}/`)
}

type Grammar = {
  specs: readonly string[]
  unquotedPath: RegExp
  hasFsName: boolean
  hasNetwork: boolean
  hasGids: boolean
}

/**
 * In 10.1 the characters of a path are written as `a-zA-Z0-9_.-/`: `.-/` is a range that contains only "." and "/", and
 * not "-" (fixed by pull request 8546).
 */
const GRAMMARS: Readonly<Record<Era, Grammar>> = {
  '10.1': {
    specs: ['*', 'rw', 'r'],
    unquotedPath: /[a-zA-Z0-9_./]+/y,
    hasFsName: false,
    hasNetwork: false,
    hasGids: false,
  },
  '10.2': {
    specs: ['*', 'rwp', 'rw', 'r'],
    unquotedPath: /[a-zA-Z0-9_./-]+/y,
    hasFsName: false,
    hasNetwork: false,
    hasGids: true,
  },
  // the longest first, as in Ceph
  today: {
    specs: ['*', 'all', 'rwfps', 'rwps', 'rwfp', 'rwfs', 'rwp', 'rws', 'rwf', 'rw', 'r'],
    unquotedPath: /[a-zA-Z0-9_./-]+/y,
    hasFsName: true,
    hasNetwork: true,
    hasGids: true,
  },
}

function readGrant(cursor: Cursor, grammar: Grammar): MdsGrant | undefined {
  if (cursor.sequence(/allow/y, SPACES) === undefined) return undefined
  const spec = grammar.specs.map(name => cursor.take(literally(name))).find(found => found !== undefined)
  if (spec === undefined) return undefined
  const fsName = grammar.hasFsName ? cursor.sequence(SPACES, /fsname=/y, /[a-zA-Z0-9_.-]+/y) : undefined
  const path = readPath(cursor, grammar)
  if (grammar.hasFsName) cursor.sequence(SPACES, /root_squash/y)
  readUid(cursor, grammar)
  if (grammar.hasNetwork) cursor.sequence(SPACES, /network/y, SPACES, /[/.:a-fA-F0-9\][]+/y)
  return { spec: spec === 'all' ? '*' : spec, ...path, ...(fsName === undefined ? {} : { fsName }) }
}

function literally(text: string) {
  return new RegExp(text.replace('*', '\\*'), 'y')
}

function readPath(cursor: Cursor, { unquotedPath }: Grammar): Pick<MdsGrant, 'path' | 'isQuoted'> {
  const quoted = cursor.sequence(SPACES, /path=/y, QUOTED)
  if (quoted !== undefined) return { path: quoted.slice(1, -1), isQuoted: true }
  const path = cursor.sequence(SPACES, /path=/y, unquotedPath)
  return path === undefined ? { isQuoted: false } : { path, isQuoted: false }
}

function readUid(cursor: Cursor, { hasGids }: Grammar): void {
  if (cursor.sequence(SPACES, /uid=/y, /\d+/y) !== undefined && hasGids)
    cursor.sequence(SPACES, /gids=/y, /\d+(?:,\d+)*/y)
}

/** A position in a text. Each method moves it only if it matches. */
class Cursor {
  at = 0
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const [found] = pattern.exec(this.text) ?? []
    if (found !== undefined) this.at += found.length
    return found
  }
  /** Matches all patterns one after the other, or none. Returns the text of the last. */
  sequence(...patterns: RegExp[]): string | undefined {
    const start = this.at
    let last: string | undefined = ''
    for (const pattern of patterns) {
      last = this.take(pattern)
      if (last === undefined) {
        this.at = start
        return undefined
      }
    }
    return last
  }
}
