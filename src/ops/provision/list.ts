import type { ListedDirectory } from '../../core/ceph/cephfs-operations.js'
import { parseQuota, QUOTA_XATTR } from '../../core/ceph/xattrs.js'
import { MARKER_XATTR, type Marker, parseMarker } from '../../core/provision/marker.js'
import { reservedPurpose, trashedName } from '../../core/provision/names.js'
import type { Provisioner } from './provisioner.js'

export type ListedVolume = { marker: Marker; share: string; path: string; sizeBytes: bigint }

/** The directory of a namespace, with deterministic names. In imported volumes it may contain "-". */
const NAMESPACE = /^[a-z0-9_-]+$/

const ATTRIBUTES = [MARKER_XATTR, QUOTA_XATTR]

type MarkedDirectory = { marker: Marker; share: string; quota: bigint }

/** The volume of this name whose deletion was interrupted after its directory had moved to the trash. */
export async function findTrashed(
  provisioner: Provisioner,
  pv: string,
): Promise<MarkedDirectory | undefined> {
  return (await search(provisioner, trashedOf)).find(({ marker }) => marker.pv === pv)
}

/** All volumes below claimRoot, also those with deterministic names, in no order. Reads only their markers. */
export async function listVolumes(provisioner: Provisioner): Promise<ListedVolume[]> {
  const marked = await search(provisioner, markedOf)
  const volumes: ListedVolume[] = []
  for (const { marker, share, quota } of marked) {
    const { below, sizeBytes } = await locationOf(provisioner, marker, share, quota)
    volumes.push({ marker, share, path: `${provisioner.cluster.claimRoot}/${below}`, sizeBytes })
  }
  return volumes
}

/** A directory in the trash, under its former name. */
function trashedOf(entry: ListedDirectory, above: string): MarkedDirectory[] {
  const marker = parseMarker(entry.attributes[MARKER_XATTR] ?? undefined)
  const name = trashedName(entry.name)
  return marker === undefined || name === undefined ? [] : [{ marker, share: `${above}${name}`, quota: 0n }]
}

async function search(
  { files, openRoot }: Provisioner,
  pick: (entry: ListedDirectory, above: string) => MarkedDirectory[],
): Promise<MarkedDirectory[]> {
  if (!(await openRoot(false))) return []
  const top = await files.list('', ATTRIBUTES)
  const marked = top.flatMap(entry => pick(entry, ''))
  for (const entry of top) {
    if (entry.attributes[MARKER_XATTR] !== null || !NAMESPACE.test(entry.name)) continue
    const inner = await files.list(entry.name, ATTRIBUTES)
    marked.push(...inner.flatMap(child => pick(child, `${entry.name}/`)))
  }
  return marked
}

function markedOf(entry: ListedDirectory, above: string): MarkedDirectory[] {
  const marker = parseMarker(entry.attributes[MARKER_XATTR] ?? undefined)
  if (marker === undefined || reservedPurpose(entry.name) !== undefined) return []
  return [{ marker, share: `${above}${entry.name}`, quota: quotaOf(entry) }]
}

/** The directory with the data: for a subvolume, the one inside. Does not ask the manager. */
export async function locationOf(
  { files }: Pick<Provisioner, 'files'>,
  marker: Marker,
  share: string,
  quota: bigint,
) {
  if (marker.backend === 'directory') return { below: share, sizeBytes: quota }
  const inner = await files.list(share, ATTRIBUTES)
  const [data] = inner.filter(({ name }) => /^[0-9a-f]{8}-/.test(name))
  return data
    ? { below: `${share}/${data.name}`, sizeBytes: quotaOf(data) }
    : { below: share, sizeBytes: quota }
}

function quotaOf({ attributes }: ListedDirectory): bigint {
  return parseQuota(attributes[QUOTA_XATTR])
}
