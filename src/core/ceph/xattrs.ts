/**
 * Maximum bytes in a directory. Only set on a directory with a quota.
 *
 * @see https://docs.ceph.com/en/latest/cephfs/quota/
 */
export const QUOTA_XATTR = 'ceph.quota.max_bytes'

/**
 * Data pool of a directory. Only set on a directory with a layout of its own.
 *
 * @see https://docs.ceph.com/en/latest/cephfs/file-layouts/
 */
export const POOL_XATTR = 'ceph.dir.layout.pool'

/**
 * `1` on a subvolume: nothing can be moved out of it.
 *
 * @see https://docs.ceph.com/en/latest/cephfs/fs-volumes/
 */
export const SUBVOLUME_XATTR = 'ceph.dir.subvolume'

/** Data pool of a file: every file has one. */
export const FILE_POOL_XATTR = 'ceph.file.layout.pool'

/** RADOS namespace in that pool. */
export const NAMESPACE_XATTR = 'ceph.dir.layout.pool_namespace'

/** Where the data of a directory is stored. A directory without a layout of its own has that of the nearest one above. */
export type Layout = { pool: string; namespace: string }

/** Reads the value of {@link QUOTA_XATTR}. @returns bytes; 0 without a quota. */
export function parseQuota(text: string | null | undefined): bigint {
  return BigInt(/^\d+$/.exec(text ?? '')?.[0] ?? 0)
}
