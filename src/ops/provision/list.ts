import { MARKER_XATTR, type Marker, parseMarker } from '../../core/provision/marker.js'
import { reservedPurpose } from '../../core/provision/names.js'
import type { Listed } from '../../system/cephfs-session.js'
import { QUOTA_XATTR } from './look.js'
import type { Provisioner } from './provisioner.js'

export type ListedVolume = { marker: Marker; share: string; path: string; sizeBytes: bigint }

/** The directory of a namespace, with deterministic names. */
const NAMESPACE = /^[a-z0-9_]+$/

const ATTRIBUTES = [MARKER_XATTR, QUOTA_XATTR]

const quotaOf = ({ attributes }: Listed): bigint =>
  BigInt(/^\d+$/.exec(attributes[QUOTA_XATTR] ?? '')?.[0] ?? 0)

const markedOf = (entry: Listed, above: string): { marker: Marker; share: string; quota: bigint }[] => {
  const marker = parseMarker(entry.attributes[MARKER_XATTR] ?? undefined)
  if (marker === undefined || reservedPurpose(entry.name) !== undefined) return []
  return [{ marker, share: `${above}${entry.name}`, quota: quotaOf(entry) }]
}

/** Of a subvolume the data is in the one directory within. */
const placeOf = async ({ files }: Provisioner, marker: Marker, share: string, quota: bigint) => {
  if (marker.backend === 'directory') return { below: share, sizeBytes: quota }
  const inner = await files.list(share, ATTRIBUTES)
  const [data] = inner.filter(({ name }) => /^[0-9a-f]{8}-/.test(name))
  return data
    ? { below: `${share}/${data.name}`, sizeBytes: quotaOf(data) }
    : { below: share, sizeBytes: quota }
}

/** All volumes below claimRoot, those of deterministic names included, in no order. Reads marks only. */
export const listVolumes = async (provisioner: Provisioner): Promise<ListedVolume[]> => {
  const { files, cluster } = provisioner
  if (!(await provisioner.openRoot(false))) return []
  const top = await files.list('', ATTRIBUTES)
  const marked = top.flatMap(entry => markedOf(entry, ''))
  for (const entry of top) {
    if (entry.attributes[MARKER_XATTR] !== null || !NAMESPACE.test(entry.name)) continue
    const inner = await files.list(entry.name, ATTRIBUTES)
    marked.push(...inner.flatMap(found => markedOf(found, `${entry.name}/`)))
  }
  const volumes: ListedVolume[] = []
  for (const { marker, share, quota } of marked) {
    const { below, sizeBytes } = await placeOf(provisioner, marker, share, quota)
    volumes.push({ marker, share, path: `${cluster.claimRoot}/${below}`, sizeBytes })
  }
  return volumes
}
