/** The most bytes that a directory may hold; only a directory with a quota has it. @see CephFS "Quotas" */
export const QUOTA_XATTR = 'ceph.quota.max_bytes'

/** Name of the data pool of a directory; only a directory with a layout of its own has it. @see CephFS "File layouts" */
export const POOL_XATTR = 'ceph.dir.layout.pool'

/** RADOS namespace in that pool. */
export const NAMESPACE_XATTR = 'ceph.dir.layout.pool_namespace'

/** Reads the value of {@link QUOTA_XATTR}. @returns bytes, 0 without a quota. */
export function parseQuota(text: string | null | undefined): bigint {
  return BigInt(/^\d+$/.exec(text ?? '')?.[0] ?? 0)
}
