import { Cursor, type Reading, readNetwork, SPACES, trimmedEnd, unquoted, wholeText } from './cursor.js'

/**
 * The relevant grammars of MDS caps, by the release that introduced them: without and with a "-" in paths, with
 * `network`, with `fsname` and `root_squash`, and with these beside `uid`.
 */
export const ERAS = ['10.1', '10.2', '14.2', '16.2', 'today'] as const
export type Era = (typeof ERAS)[number]

export type MdsGrant = {
  /** The grant as written. */
  text: string
  /** `r`, `rw`, `rwp`, …, or `*`. */
  spec: string
  /** Without quotes; undefined: every path. */
  path?: string
  /** Whether the path is quoted in the caps. */
  isQuoted: boolean
  fsName?: string
  rootSquash?: true
  uid?: number
  gids?: number[]
  network?: string
}

/**
 * Parses MDS caps as the MDS of a release does: the whole text or nothing. If parsing stops before the end, the MDS
 * ignores every grant, although the monitors accept and show the text.
 *
 * @see MDSAuthCaps.cc: `if (r && iter == end)`, else `grants.clear()`
 */
export function parseMdsCaps(text: string, era: Era): Reading<MdsGrant> {
  if (text === 'allow') return { grants: [{ text, spec: 'rwps', isQuoted: false }] }
  // white space at either end is skipped
  const cursor = new Cursor(trimmedEnd(text))
  cursor.take(/[ \t\n\v\f\r]+/y)
  return wholeText(
    cursor,
    cursor.list(() => readGrant(cursor, GRAMMARS[era]), / *[;,] */y),
  )
}

/** The grammar of a release of Ceph, by its major version. */
export function eraOf(major: number): Era {
  const index = [10, 14, 16, 18].filter(first => major >= first).length
  return ERAS[Math.max(index, 1)] as Era
}

/**
 * Whether a grant with this path covers a directory. The MDS ignores the leading `/` of the grant and compares text: a
 * path with `//`, `/./` or `..` covers nothing, and one with a `/` at the end only what is below.
 */
export function coversPath(grantPath: string | undefined, directory: string): boolean {
  const wide = (grantPath ?? '').replace(/^\/+/, '')
  const narrow = directory.replace(/^\/+/, '')
  return wide === '' || narrow === wide || narrow.startsWith(wide.endsWith('/') ? wide : `${wide}/`)
}

type Grammar = {
  specs: readonly string[]
  unquotedPath: RegExp
  /** Conditions after the path. */
  readConditions: (cursor: Cursor, hasFsName: boolean) => Pick<MdsGrant, 'rootSquash' | 'uid' | 'gids'>
  hasFsName?: true
  hasNetwork?: true
}

const UNQUOTED_PATH = /[a-zA-Z0-9_./-]+/y
/** The longest first, as in Ceph. */
const SPECS = ['*', 'all', 'rwfps', 'rwps', 'rwfp', 'rwfs', 'rwp', 'rws', 'rwf', 'rw', 'r']

/**
 * In 10.1 the characters of a path are written as `a-zA-Z0-9_.-/`: `.-/` is a range that contains only "." and "/", and
 * not "-" (fixed by pull request 8546).
 */
const GRAMMARS: Readonly<Record<Era, Grammar>> = {
  '10.1': { specs: ['*', 'rw', 'r'], unquotedPath: /[a-zA-Z0-9_./]+/y, readConditions: readUid },
  '10.2': { specs: ['*', 'rwp', 'rw', 'r'], unquotedPath: UNQUOTED_PATH, readConditions: readUidAndGids },
  '14.2': {
    specs: ['*', 'all', 'rwps', 'rwp', 'rws', 'rw', 'r'],
    unquotedPath: UNQUOTED_PATH,
    readConditions: readUidAndGids,
    hasNetwork: true,
  },
  '16.2': {
    specs: SPECS,
    unquotedPath: UNQUOTED_PATH,
    // either root_squash, or uid, which must not follow fsname
    readConditions: (cursor, hasFsName) => {
      const squash = readRootSquash(cursor)
      return squash.rootSquash || hasFsName ? squash : readUidAndGids(cursor)
    },
    hasFsName: true,
    hasNetwork: true,
  },
  today: {
    specs: SPECS,
    unquotedPath: UNQUOTED_PATH,
    readConditions: cursor => ({ ...readRootSquash(cursor), ...readUid(cursor), ...readGids(cursor) }),
    hasFsName: true,
    hasNetwork: true,
  },
}

function readGrant(cursor: Cursor, grammar: Grammar): MdsGrant | undefined {
  const start = cursor.at
  if (cursor.sequence(/allow/y, SPACES) === undefined) return undefined
  const spec = grammar.specs.map(name => cursor.take(literally(name))).find(found => found !== undefined)
  if (spec === undefined) return undefined
  const fsName = grammar.hasFsName ? cursor.sequence(SPACES, /fsname=/y, /[a-zA-Z0-9_.-]+/y) : undefined
  const grant = {
    spec: spec === 'all' ? '*' : spec,
    ...readPath(cursor, grammar),
    ...(fsName === undefined ? {} : { fsName }),
    ...grammar.readConditions(cursor, fsName !== undefined),
    ...(grammar.hasNetwork ? readNetwork(cursor) : {}),
  }
  return { text: cursor.text.slice(start, cursor.at), ...grant }
}

function literally(text: string) {
  return new RegExp(text.replace('*', '\\*'), 'y')
}

function readPath(cursor: Cursor, { unquotedPath }: Grammar): Pick<MdsGrant, 'path' | 'isQuoted'> {
  const quoted = cursor.sequence(SPACES, /path=/y, /"[^"]*"|'[^']*'/y)
  if (quoted !== undefined) return { path: unquoted(quoted), isQuoted: true }
  const path = cursor.sequence(SPACES, /path=/y, unquotedPath)
  return path === undefined ? { isQuoted: false } : { path, isQuoted: false }
}

function readRootSquash(cursor: Cursor): { rootSquash?: true } {
  return cursor.sequence(SPACES, /root_squash/y) === undefined ? {} : { rootSquash: true }
}

function readUidAndGids(cursor: Cursor) {
  const uid = readUid(cursor)
  return 'uid' in uid ? { ...uid, ...readGids(cursor) } : {}
}

function readUid(cursor: Cursor): { uid?: number } {
  const uid = cursor.sequence(SPACES, /uid=/y, /\d+/y)
  return uid === undefined ? {} : { uid: Number(uid) }
}

function readGids(cursor: Cursor): { gids?: number[] } {
  const gids = cursor.sequence(SPACES, /gids=/y, /\d+(?:,\d+)*/y)
  return gids === undefined ? {} : { gids: gids.split(',').map(Number) }
}
