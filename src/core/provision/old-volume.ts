import { isBelow } from '../text/paths.js'
import type { Caps } from './caps/caps.js'
import { type MdsGrant, parseMdsCaps } from './caps/mds-grammar.js'
import { layoutText } from './caps/osd-grammar.js'
import { reservedPurpose } from './names.js'

/**
 * A volume of external-storage's CephFS provisioner, created with Ceph's ceph_volume_client: a directory
 * `PREFIX/GROUP/VOLUME`, a file `PREFIX/_GROUP:VOLUME.meta`, and a user whose caps contain "allow r" for everything and
 * then the directory without quotes.
 */
type OldVolumePlace = {
  path: string
  pool: string
  namespace: string
  /** Caps that name another file system are not for this place. */
  fsName?: string | undefined
}

/** The `.meta` file of a volume, relative to claimRoot; undefined if `share` is not `GROUP/VOLUME`. */
export function metaFile(share: string): string | undefined {
  const [group, volume, more] = share.split('/')
  return volume === undefined || more !== undefined ? undefined : `_${group}:${volume}.meta`
}

/** The path of a volume below claimRoot, or why it cannot be one, as the end of a sentence. */
export function shareOf(path: string, claimRoot: string): { share: string } | { problem: string } {
  if (!isBelow(path, claimRoot)) return { problem: `is not below ${claimRoot}` }
  const share = path.slice(claimRoot.length + 1)
  const parts = share.split('/')
  if (parts.length > 2) return { problem: `is more than two directories below ${claimRoot}` }
  if (parts.some(part => reservedPurpose(part) !== undefined))
    return { problem: 'has a name that this program reserves for creating and removing volumes' }
  return { share }
}

/** What the caps of a user may allow in its directory: reading and writing. */
const readsOrWrites: (spec: string) => boolean = spec => spec === 'r' || spec === 'rw'

/**
 * What a user's caps allow beyond one volume, for people; undefined if they are those of the old provisioner, or those
 * that a repair sets.
 *
 * @param isAllowed what the user may do in its directory.
 */
export function oldCapsProblem(
  caps: Caps,
  place: OldVolumePlace,
  isAllowed = readsOrWrites,
): string | undefined {
  return directoryProblem(caps, place, isAllowed) ?? osdProblem(caps['osd'] ?? '', place)
}

/** The same without the osd caps: what the caps allow beyond one directory. */
export function directoryProblem(
  { mds, osd, mon = '', ...others }: Caps,
  place: Pick<OldVolumePlace, 'path' | 'fsName'>,
  isAllowed = readsOrWrites,
): string | undefined {
  const [other] = Object.keys(others)
  if (other !== undefined) return `it also has ${other} caps`
  if (mds === undefined || osd === undefined) return `it has no ${mds === undefined ? 'mds' : 'osd'} caps`
  if (mon !== 'allow r' && mon !== `allow r fsname=${place.fsName}`)
    return `its mon caps are "${mon}", not "allow r"`
  return mdsProblem(mds, place, isAllowed)
}

/** Whether a user may read the names of every file. The old provisioner allowed this to all users. */
export function readsEverything({ mds = '' }: Caps): boolean {
  const reading = parseMdsCaps(mds, 'today')
  return 'grants' in reading && reading.grants.some(({ path }) => path === undefined)
}

function mdsProblem(
  mds: string,
  place: Pick<OldVolumePlace, 'path' | 'fsName'>,
  isAllowed: (spec: string) => boolean,
): string | undefined {
  const reading = parseMdsCaps(mds, 'today')
  if (!('grants' in reading)) return `the MDS cannot parse its mds caps "${mds}"`
  const grants = reading.grants.filter(grant => !isReadAll(grant))
  const [problem] = grants.flatMap(grant => grantProblem(grant, place, isAllowed) ?? [])
  if (problem !== undefined) return `${problem}: "${mds}"`
  return grants.length > 0 ? undefined : `its mds caps do not name ${place.path}: "${mds}"`
}

/** The grant that every user of the old provisioner has. */
function isReadAll({ path, spec }: MdsGrant): boolean {
  return path === undefined && spec === 'r'
}

function grantProblem(
  { path: granted, spec, fsName: grantedFs }: MdsGrant,
  { path, fsName }: Pick<OldVolumePlace, 'path' | 'fsName'>,
  isAllowed: (spec: string) => boolean,
): string | undefined {
  if (granted === undefined || granted.replace(/^\/*/, '/') !== path)
    return `its mds caps also cover ${granted ?? 'everything'}`
  if (fsName !== undefined && grantedFs !== undefined && grantedFs !== fsName)
    return `its mds caps are for the file system ${grantedFs}`
  return isAllowed(spec) ? undefined : 'its mds caps allow more than reading and writing'
}

function osdProblem(osd: string, { pool, namespace }: OldVolumePlace): string | undefined {
  const [, grantedPool, grantedNamespace = ''] = /^allow rw? pool=(\S+)(?: namespace=(\S+))?$/.exec(osd) ?? []
  if (grantedPool === pool && grantedNamespace === namespace) return undefined
  return `its osd caps "${osd}" are not limited to the data of the directory (${layoutText({ pool, namespace })})`
}
