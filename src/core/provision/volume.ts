import type { Caps } from './caps/caps.js'
import type { Marker } from './marker.js'
import type { Backend, VolumeNames } from './names.js'

export type OnDelete = 'delete' | 'archive' | 'retain'

/** A volume somebody asked for, checked. */
export type VolumeRequest = {
  /** Name of the PersistentVolume: what the volume is known by. */
  pv: string
  names: VolumeNames
  sizeBytes: bigint
  readOnly: boolean
  /** A data pool of the file system; undefined: its first. */
  pool?: string | undefined
  /** Mode of the top directory. */
  mode: number
}

/** What the cluster is and offers. */
export type ClusterInfo = {
  fsName: string
  dataPools: readonly string[]
  /** Ranks of its metadata servers. */
  ranks: readonly number[]
  backend: Backend
  /** Directory that holds all volumes, absolute and normalised. */
  claimRoot: string
  /** Whether every daemon knows `fsname=` in caps. */
  knowsFsName: boolean
}

/** What stands at the place of a volume. */
export type DirectoryState =
  | { kind: 'missing' }
  /** Something that this program did not make. */
  | { kind: 'foreign' }
  | { kind: 'ours'; marker: Marker; sizeBytes: bigint }

/** What was found before a change; a plan follows from nothing else. */
export type VolumeFacts = {
  cluster: ClusterInfo
  /** Whether there is a claimRoot yet. */
  hasRoot: boolean
  volume: DirectoryState
  /** Of the directory backend: left by a call that was killed. */
  staging: DirectoryState
  trash: DirectoryState
  /** Of the subvolume backend: one was about to be made. */
  intended?: Marker | undefined
  /** Where the data is, absolute; of a subvolume only known once it exists. */
  dataPath?: string | undefined
  user: { kind: 'missing' } | { kind: 'present'; caps: Caps }
}

/** A volume that is there, for people and for manifests. Never its key. */
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
