import { Cursor, type Reading, readNetwork, SPACES, wholeText } from './cursor.js'

/** The services of the monitors that a client of a file system reads. */
export type MonService = 'mon' | 'mds' | 'osd' | 'pg'

export type MonGrant = {
  /** The grant as written. */
  text: string
  /** The services that it lets the user read. */
  reads: readonly MonService[]
  /** Whether it allows more than reading. */
  changes: boolean
  fsName?: string
  network?: string
}

const ALL: readonly MonService[] = ['mon', 'mds', 'osd', 'pg']
const RADOS: readonly MonService[] = ['mon', 'osd', 'pg']
const EQUALS = /=|[ \n\t]+/y
const CONSTRAINT = [/=/y, /[ \n\t]+prefix[ \n\t]+/y, /[ \n\t]+regex[ \n\t]+/y]

/** What the profiles let a client read, and whether they also let it change something. */
const PROFILES: Readonly<Record<string, { reads: readonly MonService[]; changes: boolean }>> = {
  'read-only': { reads: ALL, changes: false },
  'read-write': { reads: ALL, changes: true },
  'fs-client': { reads: ALL, changes: false },
  'cephfs-mirror': { reads: ALL, changes: false },
  'simple-rados-client': { reads: RADOS, changes: false },
  'simple-rados-client-with-blocklist': { reads: RADOS, changes: true },
  crash: { reads: ['mon'], changes: false },
  mon: { reads: ['mon'], changes: true },
  mds: { reads: ['mon', 'mds', 'osd'], changes: true },
  mgr: { reads: ['mon', 'mds', 'osd'], changes: true },
  osd: { reads: RADOS, changes: true },
  'role-definer': { reads: ['mon'], changes: true },
}

/**
 * Parses monitor caps as the monitors do: the whole text or nothing.
 *
 * @param hasFsName whether they know `fsname=`: since 16.2.
 * @see MonCap.cc
 */
export function parseMonCaps(text: string, hasFsName = true): Reading<MonGrant> {
  const cursor = new Cursor(text)
  return wholeText(
    cursor,
    cursor.list(() => readGrant(cursor, hasFsName), / *[;,] */y),
  )
}

function readGrant(cursor: Cursor, hasFsName: boolean): MonGrant | undefined {
  cursor.take(SPACES)
  const start = cursor.at
  const grant =
    cursor.attempt(() => readRights(cursor, hasFsName)) ??
    cursor.attempt(() => readProfile(cursor)) ??
    cursor.attempt(() => readService(cursor)) ??
    cursor.attempt(() => readCommand(cursor))
  if (grant === undefined) return undefined
  const text = cursor.text.slice(start, cursor.at)
  cursor.take(SPACES)
  return { text, ...grant }
}

type Part = Omit<MonGrant, 'text'>

function readRights(cursor: Cursor, hasFsName: boolean): Part | undefined {
  const rights = cursor.sequence(/allow/y, SPACES, /\*|all|r?w?x?(?<=[rwx])/y)
  if (rights === undefined) return undefined
  const network = readNetwork(cursor)
  const fsName = hasFsName ? cursor.sequence(SPACES, /fsname/y, EQUALS, /[a-zA-Z0-9_.-]+/y) : undefined
  return { ...rightsOf(rights, ALL), ...network, ...(fsName === undefined ? {} : { fsName }) }
}

function readProfile(cursor: Cursor): Part | undefined {
  cursor.sequence(/allow/y, SPACES)
  const name = cursor.string(/profile/y, EQUALS)
  return name === undefined ? undefined : { ...profileOf(name), ...readNetwork(cursor) }
}

function readService(cursor: Cursor): Part | undefined {
  const service = cursor.string(/allow/y, SPACES, /service/y, EQUALS)
  const rights = service && cursor.sequence(SPACES, /\*|all|r?w?x?(?<=[rwx])/y)
  if (!rights) return undefined
  const part = rightsOf(rights, ALL)
  return { ...part, reads: part.reads.filter(name => name === service), ...readNetwork(cursor) }
}

/** One command, with arguments that must be equal to, start with or match a text. It reads no map. */
function readCommand(cursor: Cursor): Part | undefined {
  if (cursor.string(/allow/y, SPACES, /command/y, EQUALS) === undefined) return undefined
  cursor.attempt(() => {
    if (cursor.sequence(SPACES, /with/y) === undefined) return undefined
    const pairs = cursor.list(() => readPair(cursor), /(?=[ \n\t])/y)
    return pairs.length > 0 ? pairs : undefined
  })
  return { reads: [], changes: true, ...readNetwork(cursor) }
}

function readPair(cursor: Cursor): string | undefined {
  if (cursor.string(SPACES) === undefined) return undefined
  for (const constraint of CONSTRAINT) {
    const value = cursor.string(constraint)
    if (value !== undefined) return value
  }
  return undefined
}

function rightsOf(rights: string, services: readonly MonService[]): Pick<MonGrant, 'reads' | 'changes'> {
  return { reads: /[r*]|all/.test(rights) ? services : [], changes: /[wx*]|all/.test(rights) }
}

function profileOf(name: string): Pick<MonGrant, 'reads' | 'changes'> {
  if (name.startsWith('rbd')) return { reads: RADOS, changes: true }
  if (name.startsWith('bootstrap-')) return { reads: ['mon', 'osd'], changes: true }
  return PROFILES[name] ?? { reads: [], changes: false }
}
