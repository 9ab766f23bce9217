import type { Monitor, MsMode } from '../ceph/monitors.js'
import type { ClientOptions } from '../mount-options/mount-options.js'
import type { Secret } from '../secret.js'

/** Where the key comes from: the Secret in the call, or a file on this node (read later, by ops). */
export type Credential = { from: 'secret'; key: Secret } | { from: 'file'; path: string }

/** What a volume asks for, checked and in its final form. Nothing here can be printed as a key. */
export type VolumeOptions = {
  /** At least one. Names are not resolved yet. */
  monitors: readonly Monitor[]
  /** Directory inside the file system: absolute, normalised, no `..`, no trailing `/`. */
  path: string
  /** Ceph user without `client.`. */
  user: string
  fsName?: string
  mounter: 'auto' | 'fuse' | 'kernel'
  options: ClientOptions
  msMode?: MsMode
  /** Seconds for the whole call. */
  timeoutS: number
  fsGroupPolicy: 'none' | 'root'
  /** The pod's fsGroup, if it has one. */
  fsGroup?: number
  readOnly: boolean
  credential: Credential
  /** For logs and state only: these keys can be overridden by whoever writes the volume. */
  pod: { namespace?: string; name?: string; uid?: string; volume?: string }
}
