import type { ListedDirectory } from '../../core/ceph/cephfs-operations.js'
import type { Layout } from '../../core/ceph/xattrs.js'
import { NAMESPACE_XATTR } from '../../core/ceph/xattrs.js'
import { CephflexError } from '../../core/errors.js'
import { MARKER_XATTR, type Marker, parseMarker } from '../../core/provision/marker.js'
import { isDerivedName, reservedPurpose, trashedName } from '../../core/provision/names.js'
import { tenantIn } from '../../core/provision/tenant.js'
import { layoutOf, locationOf, quotaOf, VOLUME_ATTRIBUTES } from './attributes.js'
import type { Provisioner } from './provisioner.js'

/** What marks its directory says; {@link proveVolumes} tells what of it is true. `path` is that of the data. */
export type ListedVolume = {
  marker: Marker
  share: string
  path: string
  sizeBytes: bigint
  layout: Layout | undefined
}

/** The directory of a Kubernetes namespace. In imported volumes it may contain "-". */
const NAMESPACE = /^[a-z0-9_-]+$/

type MarkedDirectory = { marker: Marker; share: string; entry: ListedDirectory }

/**
 * The directory with the mark of this volume, wherever it is. Data that was kept gives way to a volume, and the trash of
 * an interrupted deletion to both.
 *
 * @throws CephflexError ENOTOURS if several directories have the mark: a pod may have copied it.
 */
export async function findMarked(
  provisioner: Provisioner,
  pv: string,
): Promise<Pick<MarkedDirectory, 'marker' | 'share'> | undefined> {
  const marked = (await search(provisioner, markedOf)).filter(({ marker }) => marker.pv === pv)
  const [live, ...more] = marked.filter(({ marker }) => !marker.kept)
  if (live !== undefined && more.length > 0) throw severalMarks(provisioner, pv, [live, ...more])
  const trashed = async () => (await search(provisioner, trashedOf)).find(({ marker }) => marker.pv === pv)
  return live ?? marked[0] ?? (await trashed())
}

/** The marks of kept data below claimRoot, also of what an interrupted purge moved to the trash. Each directory once. */
export async function listKeptMarks(
  provisioner: Provisioner,
): Promise<Pick<ListedVolume, 'marker' | 'share'>[]> {
  const found = await search(provisioner, (entry, above) => [
    ...markedOf(entry, above),
    ...trashedOf(entry, above),
  ])
  const kept = found.filter(({ marker }) => marker.kept !== undefined)
  return [...new Map(kept.map(each => [each.share, each])).values()]
}

/** The marks below claimRoot, and where they are. Faster than {@link listVolumes}. */
export async function listMarks(provisioner: Provisioner): Promise<Pick<ListedVolume, 'marker' | 'share'>[]> {
  return search(provisioner, markedOf)
}

/** All marked directories below claimRoot, also those with deterministic names, in no order. */
export async function listVolumes(provisioner: Provisioner): Promise<ListedVolume[]> {
  const marked = await search(provisioner, markedOf)
  const volumes: ListedVolume[] = []
  for (const { marker, share, entry } of marked) {
    const { below, data = entry } = await locationOf(provisioner.files, marker, share)
    const path = `${provisioner.cluster.claimRoot}/${below}`
    volumes.push({ marker, share, path, sizeBytes: quotaOf(data), layout: layoutOf(data) })
  }
  return volumes
}

/** A directory in the trash, under its former name. */
function trashedOf(entry: ListedDirectory, above: string): MarkedDirectory[] {
  const marker = parseMarker(entry.attributes[MARKER_XATTR] ?? undefined)
  const name = trashedName(entry.name)
  return marker === undefined || name === undefined ? [] : [{ marker, share: `${above}${name}`, entry }]
}

async function search(
  { files, openRoot }: Provisioner,
  pick: (entry: ListedDirectory, above: string) => MarkedDirectory[],
): Promise<MarkedDirectory[]> {
  if (!(await openRoot(false))) return []
  const top = await files.list('', VOLUME_ATTRIBUTES)
  const marked = top.flatMap(entry => pick(entry, ''))
  for (const entry of top) {
    if (isVolume(entry) || !NAMESPACE.test(entry.name)) continue
    const inner = await files.list(entry.name, VOLUME_ATTRIBUTES)
    marked.push(...inner.flatMap(child => pick(child, `${entry.name}/`)))
  }
  return marked
}

/** Whether the content of a directory belongs to a pod, which may have removed the mark, and may set marks in it. */
function isVolume({ name, attributes }: ListedDirectory): boolean {
  if (tenantIn(name)) return false
  return attributes[MARKER_XATTR] !== null || Boolean(attributes[NAMESPACE_XATTR]) || isDerivedName(name)
}

function markedOf(entry: ListedDirectory, above: string): MarkedDirectory[] {
  const marker = parseMarker(entry.attributes[MARKER_XATTR] ?? undefined)
  if (marker === undefined || reservedPurpose(entry.name) !== undefined) return []
  // a pod with the key of a tenant could mark its directory, to hide the volumes in it
  if (tenantIn(entry.name)) return []
  return [{ marker, share: `${above}${entry.name}`, entry }]
}

function severalMarks(
  { cluster }: Provisioner,
  pv: string,
  marked: readonly MarkedDirectory[],
): CephflexError {
  const paths = marked.map(({ share }) => `${cluster.claimRoot}/${share}`)
  return new CephflexError('ENOTOURS', `several directories have the mark of ${pv}: ${paths.join(', ')}`, {
    hint: 'a pod can change the mark of its volume: "cephflex volume list" shows which mark is not confirmed. Remove it with "setfattr -x user.cephflex.volume DIRECTORY"; or name the volume with --claim NAMESPACE/NAME',
  })
}
