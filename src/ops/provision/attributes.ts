import type { DirectoryInfo, ListedDirectory } from '../../core/ceph/cephfs-operations.js'
import { type Layout, NAMESPACE_XATTR, POOL_XATTR, parseQuota, QUOTA_XATTR } from '../../core/ceph/xattrs.js'
import { isDataName } from '../../core/provision/kept.js'
import { MARKER_XATTR, type Marker } from '../../core/provision/marker.js'
import type { Provisioner } from './provisioner.js'

/** The attributes that describe a volume. */
export const VOLUME_ATTRIBUTES = [MARKER_XATTR, QUOTA_XATTR, POOL_XATTR, NAMESPACE_XATTR]

/** The layout of a directory; undefined if it has none of its own. */
export function layoutOf(info: DirectoryInfo | ListedDirectory | undefined): Layout | undefined {
  const attributes = info !== undefined && 'attributes' in info ? info.attributes : {}
  const pool = attributes[POOL_XATTR]
  return pool ? { pool, namespace: attributes[NAMESPACE_XATTR] ?? '' } : undefined
}

/** The quota of a directory in bytes; 0 if it has none. */
export function quotaOf({ attributes }: ListedDirectory): bigint {
  return parseQuota(attributes[QUOTA_XATTR])
}

/** The directory with the data: for a subvolume, the one inside, `data`. Does not ask the manager. */
export async function locationOf(
  files: Provisioner['files'],
  { backend }: Pick<Marker, 'backend'>,
  share: string,
): Promise<{ below: string; data?: ListedDirectory }> {
  if (backend === 'directory') return { below: share }
  const data = (await files.list(share, VOLUME_ATTRIBUTES)).find(({ name }) => isDataName(name))
  return data ? { below: `${share}/${data.name}`, data } : { below: share }
}
