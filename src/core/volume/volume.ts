import type { Monitor, MsMode } from '../ceph/monitors.js'
import type { ClientSharing } from '../config/node-config.js'
import type { ClientOptions } from '../mount-options/mount-options.js'
import type { ClientChoice } from '../mounters/index.js'
import type { Secret } from '../secret.js'

/** The source of the key: the Secret in the call, or a file on this node, which ops reads later. */
export type Credential = { from: 'secret'; key: Secret } | { from: 'file'; path: string }

/** The checked options of a volume. Printing them never prints the key. */
export type VolumeOptions = {
  /** At least one. Names are not resolved yet. */
  monitors: readonly Monitor[]
  /** Directory inside the file system: absolute, normalised, no `..`, no trailing `/`. */
  path: string
  /** Ceph user without `client.`. */
  user: string
  fsName?: string
  mounter: ClientChoice
  /** Missing in the state of an older release: `pod`. */
  clientSharing?: ClientSharing
  options: ClientOptions
  msMode?: MsMode
  /** Seconds for the whole call. */
  timeoutS: number
  fsGroupPolicy: 'none' | 'root'
  /** The pod's fsGroup, if it has one. */
  fsGroup?: number
  readOnly: boolean
  credential: Credential
  /** For logs and state only: the author of a volume can override these keys. */
  pod: { namespace?: string; name?: string; uid?: string; volume?: string }
}
