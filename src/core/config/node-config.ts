/** A cluster that volumes may name instead of listing its monitors. */
type ClusterConfig = {
  monitors: string
  fsName?: string
  /** The Ceph user that makes volumes there, without `client.`; default `admin`. */
  adminId?: string
  /** File with its key: a keyring or the bare key. Without it no volumes are made from this node. */
  adminKeyring?: string
  claimRoot?: string
}

/** What `/etc/cephflex/config.json` says; directories are absolute and normalised. */
export type NodeConfig = {
  clusters: Readonly<Record<string, ClusterConfig>>
  /** Where a volume's `secretFile` may lie. None: it may not be used at all. */
  secretDirectories: readonly string[]
  /** Where the kubelet's volumes may be: the directories that hold its `pods`. None: below any root's directory. */
  kubeletRoots: readonly string[]
  /** Keeps the key of each mount in memory until it is unmounted, so that `cephflex recover` can mount it again. */
  recovery: boolean
  /** Makes targets unwritable below their mounts. */
  guardLocalDisk: boolean
  runDirectory: string
  logDirectory: string
  /** Searched before the standard directories for ceph-fuse, mount and the like. */
  searchPath: readonly string[]
  /** For volumes that do not say `timeoutSeconds`. */
  timeoutSeconds: number
}

/** The limits of `timeoutSeconds`, here and in a volume. */
export const TIMEOUT_SECONDS = { min: 5, max: 110 } as const

/** What holds on a node without a configuration file. This module does without zod, which is slow to load. */
export const DEFAULT_NODE_CONFIG: NodeConfig = {
  clusters: {},
  secretDirectories: [],
  kubeletRoots: [],
  recovery: false,
  guardLocalDisk: false,
  runDirectory: '/run/cephflex',
  logDirectory: '/var/log/cephflex',
  searchPath: [],
  timeoutSeconds: 60,
}
