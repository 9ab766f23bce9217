/** A cluster that volumes may name instead of its monitors. */
type ClusterConfig = {
  monitors: string
  fsName?: string
  /** The Ceph user that creates volumes there, without `client.`; default `admin`. */
  adminId?: string
  /** File with its key: a keyring or the bare key. Without it this node cannot create volumes. */
  adminKeyring?: string
  /** Directory that contains all volumes. */
  claimRoot?: string
}

/** Which targets of a volume share one ceph-fuse: all on the node, or none. */
export type ClientSharing = (typeof CLIENT_SHARING)[number]

export const CLIENT_SHARING = ['node', 'pod'] as const

/** The contents of `/etc/cephflex/config.json`. Directories are absolute and normalised. */
export type NodeConfig = {
  clusters: Readonly<Record<string, ClusterConfig>>
  /** Directories that may contain a volume's `secretFile`. Empty: `secretFile` is not allowed. */
  secretDirectories: readonly string[]
  /** The kubelet's root directories, which contain `pods`. Empty: any `pods` directory that only root can write to. */
  kubeletRoots: readonly string[]
  /** Keep the key of each mount in memory until it is unmounted, so that `cephflex recover` can mount it again. */
  recovery: boolean
  /** Make the directory below each mount unwritable. */
  guardLocalDisk: boolean
  /** Directory for locks and state, and for keyrings if it is a tmpfs. */
  runDirectory: string
  logDirectory: string
  /** Directories to search for ceph-fuse and mount before the standard ones. */
  searchPath: readonly string[]
  /** The `ceph.conf` that ceph-fuse and mount.ceph read. */
  cephConf: string
  /** For volumes that do not set it themselves. */
  clientSharing: ClientSharing
  /** For unmounting, and for volumes that do not set `timeoutSeconds`. */
  timeoutSeconds: number
}

/** Limits of `timeoutSeconds`, here and in a volume. */
export const TIMEOUT_SECONDS = { min: 5, max: 110 } as const

/** The clients read no `ceph.conf`: /etc/ceph/ceph.conf may have been written for another cluster. */
export const NO_CEPH_CONF = '/dev/null'

/** The configuration of a node without a configuration file. This file does not import zod, which is slow to load. */
export const DEFAULT_NODE_CONFIG: NodeConfig = {
  clusters: {},
  secretDirectories: [],
  kubeletRoots: [],
  recovery: false,
  guardLocalDisk: false,
  runDirectory: '/run/cephflex',
  logDirectory: '/var/log/cephflex',
  searchPath: [],
  cephConf: NO_CEPH_CONF,
  clientSharing: 'node',
  timeoutSeconds: 60,
}
