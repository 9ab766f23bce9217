import type { Layout } from '../ceph/xattrs.js'
import { CephflexError } from '../errors.js'
import { isBelow, normalPath, pathProblem } from '../text/paths.js'
import { printable } from '../text/printable.js'
import type { Caps } from './caps/caps.js'
import { parseMdsCaps } from './caps/mds-grammar.js'
import type { KeptName, Marker } from './marker.js'
import { type Backend, isVolumeName } from './names.js'
import { isArchive, placeProblem } from './proof.js'
import { tenantAt } from './tenant.js'
import type { ClusterInfo, DirectoryState, OnDelete } from './volume.js'

/** How a person names kept data: by its volume, or by its directory below claimRoot. */
export type KeptReference = { pv: string } | { path: string }

/** Kept data, as found in the cluster. */
export type KeptData = {
  cluster: ClusterInfo
  share: string
  /** Undefined if only the trash of an interrupted purge is left. */
  marker: Marker | undefined
  trash: DirectoryState
  /** Follows from the layouts, which no pod can set. */
  backend: Backend
  /** The directory with the data, relative to claimRoot. */
  below: string
  /** Undefined if that directory has none of its own. */
  layout: Layout | undefined
  sizeBytes: bigint
  onDelete: OnDelete
  /** As in `VolumeFacts`. */
  snapshots: readonly string[]
  inner: readonly string[]
}

type User = { entity: string; caps?: Caps }

/** The directory in a subvolume that contains the data. */
const DATA = /^[0-9a-f]{8}-/

/** Whether a directory of a subvolume contains the data: the manager names it with a UUID. */
export function isDataName(name: string): boolean {
  return DATA.test(name)
}

/**
 * Reads how a person names kept data: the name of its volume; or the path of its directory, absolute or relative to
 * claimRoot, as `volume list` prints it. A volume name contains neither "/" nor "_".
 *
 * @throws CephflexError EBADVOLUME.
 */
export function parseKeptReference(text: string, claimRoot: string): KeptReference {
  if (isVolumeName(text)) return { pv: text }
  const absolute = text.startsWith('/') ? text : `${claimRoot}/${text}`
  const problem = pathProblem(absolute)
  const path = normalPath(absolute)
  if (problem === undefined && isBelow(path, claimRoot)) return { path: path.slice(claimRoot.length + 1) }
  throw new CephflexError('EBADVOLUME', `${printable(text)} ${problem ?? `is not below ${claimRoot}`}`, {
    hint: 'list the paths of kept data with "cephflex volume list"; --claim-root sets the directory of all volumes',
  })
}

/** Whether a reference names this kept data. The path of a subvolume may be that of the data in it. */
export function isNamedBy(reference: KeptReference, { pv, share }: KeptName): boolean {
  if ('pv' in reference) return reference.pv === pv
  const { path } = reference
  return path === share || (isBelow(path, share) && isDataName(path.slice(share.length + 1)))
}

/**
 * Why a directory with the mark of kept data is not proven to be it, as the end of a sentence; undefined if it is. A pod
 * can write such a mark into its volume, but the user of a volume has caps for its directory.
 */
export function keptProblem(
  marker: Marker,
  share: string,
  users: readonly User[],
  { claimRoot, fsName }: Pick<ClusterInfo, 'claimRoot' | 'fsName'>,
): string | undefined {
  const directory = `${claimRoot}/${share}`
  const user = users.find(({ caps }) => mayUse(caps, directory, fsName))
  if (user !== undefined) return `${user.entity} has caps for it`
  // the user of a tenant has caps for all of its volumes: kept data is outside of its directory
  if (tenantAt(share) || (marker.kept === 'archive' && !isArchive(marker, share)))
    return `the deletion of ${marker.pv} is not finished: "cephflex volume delete ${marker.pv}" continues it`
  return placeProblem(share, marker.pv)
}

/** Whether caps name a directory, or one in it. Caps that no MDS can parse count if they mention it. */
function mayUse(caps: Caps | undefined, directory: string, fsName: string): boolean {
  const mds = caps?.['mds'] ?? ''
  const reading = parseMdsCaps(mds, 'today')
  if (!('grants' in reading)) return mds.includes(directory)
  return reading.grants.some(({ path = '', fsName: granted = fsName }) => {
    const normal = normalPath(`/${path.replace(/^\/+/, '')}`)
    return [fsName, '*'].includes(granted) && (normal === directory || isBelow(normal, directory))
  })
}
