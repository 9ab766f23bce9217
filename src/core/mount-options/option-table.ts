import type { Client } from '../mounters/index.js'

/**
 * What the value of an option may be; `form` describes it in messages. A pattern may match a comma only if the value is
 * `quoted` in the list of options.
 */
export type Grammar = { pattern: RegExp; form: string; quoted?: true }

/** One option for the clients. `flag`: passed to ceph-fuse as `--name=value`, not after `-o`. */
export type OptionRow = {
  name: string
  value?: Grammar
  /** The clients that support it. Empty: accepted and dropped, because it is the default or only for mount(8). */
  clients: readonly Client[]
  flag?: true
  means: string
}

export const NUMBER: Grammar = { pattern: /^\d{1,15}$/, form: 'a number' }
const BOOLEAN: Grammar = { pattern: /^(?:true|false|1|0)$/, form: '"true" or "false"' }
export const FILE_NAME: Grammar = { pattern: /^\.?[A-Za-z0-9_][A-Za-z0-9._-]{0,100}$/, form: 'a file name' }

const LABEL: Grammar = {
  pattern: /^[\w.]+:[\w.]+:[\w.]+(?::[\w.:,-]+)?$/,
  form: 'an SELinux label, in double quotes if it contains a comma',
  quoted: true,
}

const BOTH = ['fuse', 'kernel'] as const
const FUSE = ['fuse'] as const
const KERNEL = ['kernel'] as const

/** Allowed in mountOptions, and in the list of each client that supports them. */
export const GENERIC_OPTIONS: readonly OptionRow[] = [
  { name: 'ro', clients: [], means: 'mount read-only; the driver sets it' },
  { name: 'rw', clients: [], means: 'the default; does not override a read-only volume' },
  { name: 'noatime', clients: BOTH, means: 'do not update access times' },
  {
    name: 'atime',
    clients: KERNEL,
    means: 'update access times: the default of FUSE; libfuse 3 rejects the option',
  },
  { name: 'nodiratime', clients: KERNEL, means: 'do not update access times of directories' },
  { name: 'relatime', clients: KERNEL, means: 'update access times about once a day' },
  { name: 'strictatime', clients: KERNEL, means: 'update access times on every access' },
  { name: 'noexec', clients: BOTH, means: 'programs on the volume cannot be executed' },
  { name: 'exec', clients: BOTH, means: 'programs can be executed' },
  { name: 'nosuid', clients: BOTH, means: 'set-user-id bits have no effect' },
  { name: 'nodev', clients: BOTH, means: 'device files have no effect' },
  { name: 'sync', clients: BOTH, means: 'every write waits for the cluster' },
  { name: 'dirsync', clients: BOTH, means: 'every change of a directory waits for the cluster' },
  { name: 'async', clients: FUSE, means: 'writes do not wait for the cluster' },
  { name: 'context', value: LABEL, clients: BOTH, means: 'SELinux label of every file' },
  { name: 'defcontext', value: LABEL, clients: BOTH, means: 'SELinux label of files without one' },
  { name: 'fscontext', value: LABEL, clients: BOTH, means: 'SELinux label of the file system' },
  { name: 'rootcontext', value: LABEL, clients: BOTH, means: 'SELinux label of the top directory' },
  { name: '_netdev', clients: [], means: 'only for fstab; ignored' },
  { name: 'nofail', clients: [], means: 'only for fstab; ignored' },
  { name: 'auto', clients: [], means: 'only for fstab; ignored' },
  { name: 'noauto', clients: [], means: 'only for fstab; ignored' },
  { name: 'defaults', clients: [], means: 'only for fstab; ignored' },
  { name: 'nonempty', clients: [], means: 'the target is always empty; libfuse 3 rejects the option' },
]

/** Allowed in fuseOptions. */
export const FUSE_OPTIONS: readonly OptionRow[] = [
  { name: 'default_permissions', clients: FUSE, means: 'the kernel checks permissions' },
  { name: 'max_read', value: NUMBER, clients: FUSE, means: 'largest read in bytes' },
  { name: 'allow_other', clients: [], means: 'the default of ceph-fuse' },
  { name: 'big_writes', clients: [], means: 'the default; libfuse 3 rejects the option' },
  ...flags(BOOLEAN, {
    client_check_pool_perm: 'check access to a data pool before using it',
    client_dirsize_rbytes: 'the size of a directory is that of all files below it',
    client_force_lazyio: 'relaxed consistency between clients',
    client_oc: 'cache the contents of files',
    client_permissions: 'check permissions in the client',
    client_quota: 'enforce quotas',
    client_quota_df: 'df shows the quota',
    client_reconnect_stale: 'reconnect after an eviction; unwritten data is lost',
    client_use_faked_inos: 'inode numbers that fit in 32 bits',
    client_use_random_mds: 'ask any MDS',
    fuse_atomic_o_trunc: 'truncate while opening',
    fuse_big_writes: 'writes of more than 4 KiB',
    fuse_default_permissions: 'the kernel checks permissions',
    fuse_disable_pagecache: 'do not cache in the kernel',
    fuse_multithreaded: 'handle calls in parallel',
    fuse_set_user_groups: 'look up the groups of a user',
    fuse_splice_move: 'move pages instead of copying',
    fuse_splice_read: 'splice while reading',
    fuse_splice_write: 'splice while writing',
    fuse_syncfs_on_mksnap: 'flush all data before a snapshot',
    fuse_use_invalidate_cb: 'notify the kernel of changes',
  }),
  ...flags(NUMBER, {
    client_cache_size: 'number of inodes to cache',
    client_caps_release_delay: 'seconds until unused caps are released',
    client_max_inline_size: 'largest file kept in its inode, in bytes',
    client_notify_timeout: 'seconds to wait for a notification',
    client_oc_max_dirty: 'dirty bytes in the cache before writers wait',
    client_oc_max_objects: 'objects in the cache',
    client_oc_size: 'bytes in the cache',
    client_oc_target_dirty: 'target for dirty bytes in the cache',
    client_readahead_max_bytes: 'maximum bytes to read ahead, 0 for no limit',
    client_readahead_max_periods: 'maximum file layout periods to read ahead',
    client_readahead_min: 'minimum bytes to read ahead',
    fuse_max_write: 'largest write in bytes',
  }),
  ...flags({ pattern: /^posix_acl$/, form: '"posix_acl"' }, { client_acl_type: 'use POSIX access lists' }),
  ...flags(FILE_NAME, { client_snapdir: 'name of the directory with the snapshots' }),
]

function flags(value: Grammar, rows: Record<string, string>): OptionRow[] {
  return Object.entries(rows).map(([name, means]) => ({ name, value, clients: FUSE, flag: true, means }))
}
