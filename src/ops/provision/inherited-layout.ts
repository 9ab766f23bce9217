import type { DirectoryInfo } from '../../core/ceph/cephfs-operations.js'
import { type Layout, NAMESPACE_XATTR, POOL_XATTR } from '../../core/ceph/xattrs.js'
import { toCephflexError } from '../../core/errors.js'
import { layoutOf } from './attributes.js'
import type { Provisioner } from './provisioner.js'

/**
 * The layout that a directory without its own has: that of the nearest directory above it. claimRoot must be open.
 *
 * @param parents claimRoot and the directories between it and this one, from the top, with the attributes of a layout.
 * @returns undefined if no directory above has one, or if the key may not look above claimRoot.
 * @throws CephflexError what the session throws.
 * @see https://docs.ceph.com/en/latest/cephfs/file-layouts/#inheritance-of-layouts
 */
export async function inheritedLayout(
  provisioner: Provisioner,
  parents: readonly DirectoryInfo[],
): Promise<Layout | undefined> {
  const nearest = parents.toReversed().map(layoutOf).find(Boolean)
  return nearest ?? layoutAboveRoot(provisioner)
}

/** The session follows `..` out of the directory that it has mounted. */
async function layoutAboveRoot({ files, cluster }: Provisioner): Promise<Layout | undefined> {
  const levels = cluster.claimRoot.split('/').filter(Boolean)
  const above = levels.map((_, index) =>
    levels
      .slice(0, index + 1)
      .fill('..')
      .join('/'),
  )
  try {
    return (await files.look(above, [POOL_XATTR, NAMESPACE_XATTR])).map(layoutOf).find(Boolean)
  } catch (error) {
    // a key that is limited to claimRoot
    if (toCephflexError(error).code === 'EPROVISION') return undefined
    throw error
  }
}
