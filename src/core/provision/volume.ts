import type { Layout } from '../ceph/xattrs.js'
import type { Caps } from './caps/caps.js'
import type { Marker } from './marker.js'
import type { Backend, VolumeNames } from './names.js'

/** What happens to the data of a deleted volume: it is deleted, renamed, or left as it is. */
export type OnDelete = 'delete' | 'archive' | 'retain'

/** The checked request for a volume. */
export type VolumeRequest = {
  /** Name of the PersistentVolume, which identifies the volume. */
  pv: string
  names: VolumeNames
  sizeBytes: bigint
  readOnly: boolean
  /** A data pool of the file system; undefined: that of the layout above, or its first. */
  pool?: string | undefined
  /** Mode of the top directory. */
  mode: number
  /** For a deletion that does not say it. */
  onDelete?: OnDelete
}

/** What provisioning needs to know about a cluster. */
export type ClusterInfo = {
  fsName: string
  dataPools: readonly string[]
  /** Ranks of the active MDS daemons. */
  ranks: readonly number[]
  backend: Backend
  /** Directory that contains all volumes, absolute and normalised. */
  claimRoot: string
  /** Whether every daemon supports `fsname=` in caps. */
  knowsFsName: boolean
}

/** What exists at the path of a volume. */
export type DirectoryState =
  | { kind: 'missing' }
  /** Without a marker of this program. */
  | { kind: 'foreign' }
  /** The marker as far as it is {@link believed}. */
  | { kind: 'ours'; marker: Marker; sizeBytes: bigint }

/** What was found in the cluster before a change. Plans depend on nothing else. */
export type VolumeFacts = {
  cluster: ClusterInfo
  /** Whether claimRoot exists. */
  hasRoot: boolean
  /** The layout that a directory of a volume that does not exist yet would have; undefined: that of the file system. */
  inherited?: Layout | undefined
  /** Absolute path of a volume that the directory is in. */
  inside?: string | undefined
  volume: DirectoryState
  /** With the backend directory: what a killed call left behind. */
  staging: DirectoryState
  trash: DirectoryState
  /** With the backend subvolume: the marker of a subvolume that was being created. */
  intended?: Marker | undefined
  /** The layout of the directory with the data; undefined if it has none of its own. */
  layout?: Layout | undefined
  /** Absolute path of the data; that of a subvolume is only known once it exists. */
  dataPath?: string | undefined
  user: { kind: 'missing' } | { kind: 'present'; caps: Caps }
  /** What was recorded for the deletion when the volume was created. */
  onDelete?: OnDelete
  /** Paths of snapshots in what a deletion would remove, relative to claimRoot. */
  snapshots?: readonly string[]
  /** Paths of marked directories in what a deletion would remove or rename, relative to claimRoot. */
  inner?: readonly string[]
}

/** An existing volume, for people and for manifests. Without its key. */
export type Volume = {
  pv: string
  path: string
  user: string
  sizeBytes: bigint
  readOnly: boolean
  backend: Backend
  fsName: string
  pool: string
  namespace: string
  createdAt: string
  kept?: 'archive' | 'retain' | undefined
}

/** The volume in a directory with this marker. */
export function volumeOf(marker: Marker, path: string, sizeBytes: bigint, fsName: string): Volume {
  return {
    pv: marker.pv,
    path,
    user: marker.user,
    sizeBytes,
    readOnly: marker.readOnly,
    backend: marker.backend,
    fsName,
    pool: marker.pool,
    namespace: marker.namespace,
    createdAt: marker.createdAt,
    ...(marker.kept ? { kept: marker.kept } : {}),
  }
}
