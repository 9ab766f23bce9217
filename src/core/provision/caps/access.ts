import type { Layout } from '../../ceph/xattrs.js'
import type { Caps } from './caps.js'
import type { Reading } from './cursor.js'
import { coversPath, type Era, type MdsGrant, parseMdsCaps } from './mds-grammar.js'
import { type MonGrant, parseMonCaps } from './mon-grammar.js'
import { isInNetwork, isNetwork } from './network.js'
import { type OsdGrant, parseOsdCaps } from './osd-grammar.js'

/** What a pool is tagged with, by application. */
export type PoolTags = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Where a user works. Every fact that is not known allows everything. */
export type Place = {
  /** The directory that a pod mounts: absolute and normalised. */
  path: string
  fsName?: string | undefined
  /** Where the data of the directory is. */
  layout?: Layout | undefined
  tags?: PoolTags | undefined
  /** The address of the node. */
  address?: string | undefined
}

/** What a user can do with a directory that root mounts and uses. */
export type Access = {
  path: string
  mount: boolean
  read: boolean
  write: boolean
  /** Whether it can also list directories outside. */
  others: boolean
}

/** The grants of a user as the daemons of a release read them. */
export type ParsedCaps = {
  mds: Reading<MdsGrant>
  osd: Reading<OsdGrant>
  mon: Reading<MonGrant>
}

/** Parses the caps of a user as the daemons of a release do. A service without caps has no grants. */
export function parseCaps(caps: Caps, era: Era): ParsedCaps {
  const read = <Grant>(service: string, parse: (text: string) => Reading<Grant>): Reading<Grant> =>
    caps[service] ? parse(caps[service]) : { grants: [] }
  return {
    mds: read('mds', text => parseMdsCaps(text, era)),
    osd: read('osd', parseOsdCaps),
    mon: read('mon', text => parseMonCaps(text, era === 'today' || era === '16.2')),
  }
}

/** What a user can do in a place. Root mounts it, and root reads and writes. */
export function accessTo(parsed: ParsedCaps, place: Place): Access {
  const mds = grantsOf(parsed.mds).filter(grant => mdsProblem(grant, place) === undefined)
  const osd = grantsOf(parsed.osd).filter(grant => osdProblem(grant, place) === undefined)
  const mount = mds.length > 0 && monProblem(parsed.mon, place) === undefined
  const reads = (services: readonly string[]) => services.every(name => monReads(parsed.mon, place, name))
  const hasOsdMap = mount && reads(['osd'])
  return {
    path: place.path,
    mount,
    read: hasOsdMap && osd.some(grant => grant.reads),
    write: hasOsdMap && mds.some(writes) && osd.some(grant => grant.writes),
    others: mount && othersOf(parsed.mds, place).length > 0,
  }
}

/** The grants; none if the daemon cannot parse the caps. */
export function grantsOf<Grant>(reading: Reading<Grant>): Grant[] {
  return 'grants' in reading ? reading.grants : []
}

/** Whether root can change files with this grant. */
export function writes({ spec, rootSquash }: MdsGrant): boolean {
  return (spec === '*' || spec.includes('w')) && !rootSquash
}

/** The grants with which a user can list something outside of the directory. */
export function othersOf(mds: Reading<MdsGrant>, place: Place): MdsGrant[] {
  return grantsOf(mds).filter(
    grant =>
      mdsProblem({ ...grant, path: '/' }, place) === undefined && !isWithin(grant.path ?? '/', place.path),
  )
}

/** Why a grant of the MDS caps does not apply to a place; undefined if it does. */
export function mdsProblem(grant: MdsGrant, place: Place): string | undefined {
  const { path, fsName, uid, gids } = grant
  if (!coversPath(path, place.path)) return pathProblem(path ?? '', place.path)
  if (fsName !== undefined && place.fsName !== undefined && fsName !== place.fsName)
    return `is for the file system ${fsName}, not ${place.fsName}`
  if (uid !== undefined && uid !== 0) return `is for processes of uid ${uid} only, and root mounts the volume`
  if (uid !== undefined && gids !== undefined && !gids.includes(0))
    return `is for processes of the groups ${gids.join(', ')} only, and root mounts the volume`
  return networkProblem(grant, place)
}

/** Why a grant of the OSD caps does not apply to the data of a place; undefined if it does. */
export function osdProblem(grant: OsdGrant, { layout, ...place }: Place): string | undefined {
  const { pool, namespace, tag, objectPrefix } = grant
  if (layout && pool !== undefined && pool !== layout.pool) return `is for the pool ${pool}`
  if (layout && namespace !== undefined && !matches(namespace, layout.namespace))
    return namespace === '' ? 'is for data without a namespace' : `is for the namespace ${namespace}`
  const tagText = tag && tagProblem(tag, { layout, ...place })
  if (tagText !== undefined) return tagText
  if (objectPrefix !== undefined && !'1000000'.startsWith(objectPrefix))
    return `is for objects whose names begin with ${objectPrefix}, and those of files begin with another number`
  return networkProblem(grant, place)
}

/** Why the mon caps do not let a user find the file system; undefined if they do. */
export function monProblem(mon: Reading<MonGrant>, place: Place): string | undefined {
  const missing = (['mon', 'mds'] as const).filter(name => !monReads(mon, place, name))
  if (missing.length > 0) return notReading(mon, place, missing)
  const names = grantsOf(mon).map(({ fsName }) => fsName)
  const { fsName } = place
  // one grant without a name is enough to see all of them
  if (fsName === undefined || names.includes(undefined) || names.includes(fsName)) return undefined
  return `show the file system ${names.join(', ')} and hide ${fsName}`
}

/** Why the mon caps do not let a user read services. */
export function notReading(mon: Reading<MonGrant>, place: Place, services: readonly string[]): string {
  const elsewhere = grantsOf(mon).flatMap(grant => networkProblem(grant, place) ?? [])
  return elsewhere[0] ?? `do not allow reading ${services.map(name => `"${name}"`).join(' and ')}`
}

/** Whether the monitors let a user read a service. */
export function monReads(mon: Reading<MonGrant>, place: Place, service: string): boolean {
  return grantsOf(mon).some(
    grant => grant.reads.some(name => name === service) && networkProblem(grant, place) === undefined,
  )
}

/** Why a grant does not apply to clients at an address; undefined if it does. */
export function networkProblem(
  { network }: { network?: string },
  { address }: Pick<Place, 'address'>,
): string | undefined {
  if (network === undefined) return undefined
  if (!isNetwork(network))
    return `is for the network ${network}, which is not ADDRESS/LENGTH and contains no address`
  if (address === undefined || isInNetwork(address, network)) return undefined
  return `is for clients in ${network}, and this node has the address ${address}`
}

function pathProblem(granted: string, path: string): string {
  const normal = normalised(granted)
  return coversPath(normal, path) && normal !== granted
    ? `has a path that covers nothing here: the MDS compares text, and the directory is ${path}`
    : `covers ${granted || '/'}, not ${path}`
}

/** The directory that a path in MDS caps probably means: absolute, without `//`, `.`, `..` and a trailing `/`. */
export function normalised(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

function isWithin(granted: string, path: string): boolean {
  // compared as text, such a path covers nothing
  if (/\/\/|\/\.{1,2}(?:\/|$)/.test(granted.replace(/^\/+/, ''))) return true
  return coversPath(path, granted)
}

function tagProblem(
  { application, key, value }: NonNullable<OsdGrant['tag']>,
  { fsName, layout, tags }: Pick<Place, 'fsName' | 'layout' | 'tags'>,
): string | undefined {
  const known = tags ?? (fsName === undefined ? undefined : { cephfs: { data: fsName } })
  const name = layout ? `the pool ${layout.pool}` : 'the pool of the data'
  const own = (known ?? { cephfs: { data: value } })[application]
  if (own === undefined) return `is for pools of the application ${application}, and ${name} has another`
  const values = Object.entries(own).filter(([each]) => key === '*' || key === each)
  if ((key === '*' && value === '*') || values.some(([, each]) => value === '*' || value === each))
    return undefined
  const text = Object.entries(own).map(([each, its]) => `${each}=${its}`)
  return `is for pools with the tag ${key}=${value}, and ${name} has ${text.join(' ') || 'none'}`
}

function matches(pattern: string, text: string): boolean {
  return pattern === text || (pattern.endsWith('*') && text.startsWith(pattern.slice(0, -1)))
}
