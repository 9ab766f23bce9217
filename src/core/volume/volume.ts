import type { Monitor, MsMode } from '../ceph/monitors.js'
import type { Secret } from '../secret.js'

/** Where the key comes from: the Secret in the call, or a file on this node (read later, by ops). */
export type Credential = { from: 'secret'; key: Secret } | { from: 'file'; path: string }

/**
 * Options that were allowed, in the form each client takes them: `fuse` and
 * `kernel` go behind `-o`, `fuseFlags` are whole arguments (`--client_x=1`).
 * Read-only is not among them; see `VolumeOptions.readOnly`.
 */
export type ClientOptions = {
  fuse: readonly string[]
  fuseFlags: readonly string[]
  kernel: readonly string[]
}

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

/** A checked `mount` call. */
export type MountRequest = {
  /** Absolute directory, normalised, safe characters only. */
  target: string
  /** True for the 1.5 form `mount DIR DEVICE JSON`, where the kubelet has not made DIR. */
  makeTarget: boolean
  volume: VolumeOptions
}
