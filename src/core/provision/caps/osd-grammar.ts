import type { Layout } from '../../ceph/xattrs.js'
import { Cursor, type Reading, readNetwork, trimmedEnd, unquoted, wholeText } from './cursor.js'

export type OsdGrant = {
  /** The grant as written. */
  text: string
  /** Whether it allows reading and writing objects. Rights to call classes are of no use for a file system. */
  reads: boolean
  writes: boolean
  pool?: string
  /** May end with `*`. An empty one is that of objects without a namespace. */
  namespace?: string
  tag?: { application: string; key: string; value: string }
  objectPrefix?: string
  network?: string
}

const SPACES = /[ \t\n\v\f\r]+/y
const BLANKS = /[ \t]*/y
const WILDCARD = /\*|all/y
/** The profiles that allow something. */
const PROFILES: Readonly<Record<string, Pick<OsdGrant, 'reads' | 'writes'>>> = {
  'read-only': { reads: true, writes: false },
  'rbd-read-only': { reads: true, writes: false },
  'read-write': { reads: true, writes: true },
  rbd: { reads: true, writes: true },
}

/**
 * Parses OSD caps as the OSDs since release 14.2 do: the whole text or nothing.
 *
 * @see OSDCap.cc
 */
export function parseOsdCaps(text: string): Reading<OsdGrant> {
  const cursor = new Cursor(trimmedEnd(text))
  cursor.take(/[ \t\n\v\f\r]*/y)
  return wholeText(
    cursor,
    cursor.list(() => readGrant(cursor), /[;,]/y),
  )
}

/** Pool and RADOS namespace of data, in words. */
export function layoutText({ pool, namespace }: Layout): string {
  return `pool ${pool}${namespace ? `, namespace ${namespace}` : ', without a namespace'}`
}

function readGrant(cursor: Cursor): OsdGrant | undefined {
  cursor.take(BLANKS)
  const start = cursor.at
  const grant =
    cursor.attempt(() => readAllow(cursor, [readRights, readMatch])) ??
    cursor.attempt(() => readAllow(cursor, [readMatch, readRights])) ??
    cursor.attempt(() => readProfile(cursor))
  if (grant === undefined) return undefined
  const text = cursor.text.slice(start, cursor.at)
  cursor.take(BLANKS)
  return { text, ...grant }
}

type Part = Partial<OsdGrant>

/** `allow` with rights and a match, in one of both orders. */
function readAllow(
  cursor: Cursor,
  parts: readonly ((cursor: Cursor) => Part | undefined)[],
): Omit<OsdGrant, 'text'> | undefined {
  if (cursor.take(/allow/y) === undefined) return undefined
  let grant = { reads: false, writes: false }
  for (const read of parts) {
    const part = read(cursor)
    if (part === undefined) return undefined
    grant = { ...grant, ...part }
  }
  return { ...grant, ...readNetwork(cursor, SPACES) }
}

/** `*`, `rwx` in this order, `class-read`, `class-write`, or a class with a method. */
function readRights(cursor: Cursor): Part | undefined {
  if (cursor.sequence(SPACES, WILDCARD) !== undefined) return { reads: true, writes: true }
  const rights = cursor.sequence(SPACES, /r?w?x?(?<=[rwx])/y)
  const classes = [/class-read/y, /class-write/y].filter(word => cursor.sequence(SPACES, word) !== undefined)
  if (rights !== undefined || classes.length > 0)
    return { reads: rights?.includes('r') === true, writes: rights?.includes('w') === true }
  if (cursor.string(SPACES, /class/y, SPACES) === undefined) return undefined
  cursor.string(SPACES)
  return {}
}

/** A tag with or without a namespace, or pool, namespace and prefix, each of which may be missing. */
function readMatch(cursor: Cursor): Part {
  const tagged = cursor.attempt(() => {
    const namespace = readNamespace(cursor)
    const tag = readTag(cursor)
    return tag && { ...namespace, tag }
  })
  if (tagged) return tagged
  const place = { ...readPool(cursor), ...readNamespace(cursor) }
  const objectPrefix = cursor.string(SPACES, /object_prefix/y, SPACES)
  return { ...place, ...(objectPrefix === undefined ? {} : { objectPrefix }) }
}

function readTag(cursor: Cursor): OsdGrant['tag'] {
  return cursor.attempt(() => {
    const application = cursor.string(SPACES, /tag/y, SPACES)
    const key = application && readWord(cursor, SPACES)
    const value = key && readWord(cursor, /[ \t\n\v\f\r]*=[ \t\n\v\f\r]*/y)
    return value && application && key ? { application, key, value } : undefined
  })
}

/** A word, or a wildcard, of which only the first characters need to be one. */
function readWord(cursor: Cursor, before: RegExp): string | undefined {
  return cursor.sequence(before, WILDCARD) === undefined ? cursor.string(before) : '*'
}

function readPool(cursor: Cursor): { pool?: string } {
  const pool = cursor.string(SPACES, /pool/y, /=|[ \t\n\v\f\r]+/y)
  return pool === undefined ? {} : { pool }
}

function readNamespace(cursor: Cursor): { namespace?: string } {
  const namespace = cursor.sequence(
    SPACES,
    /namespace/y,
    /=|[ \t\n\v\f\r]+/y,
    /"[^"]*"|'[^']*'|[a-zA-Z0-9_./-]+/y,
  )
  if (namespace === undefined) return {}
  return { namespace: `${unquoted(namespace)}${cursor.take(/\*/y) ?? ''}` }
}

function readProfile(cursor: Cursor): Omit<OsdGrant, 'text'> | undefined {
  const name = cursor.string(/profile/y, /=|[ \t\n\v\f\r]+/y)
  if (name === undefined) return undefined
  const rights = PROFILES[name] ?? { reads: false, writes: false }
  return { ...rights, ...readPool(cursor), ...readNamespace(cursor), ...readNetwork(cursor, SPACES) }
}
