import type { Client } from '../mounters/index.js'
import type { Mounter } from '../mounters/mounter.js'
import { Secret } from '../secret.js'
import { identityOf } from '../target/state.js'
import { snapshotPath } from '../volume/snapshot-path.js'
import type { VolumeOptions } from '../volume/volume.js'
import { isPerMount } from './bind-options.js'

/**
 * Whether the targets of this volume on a node share one client of this kind. A client in the kernel shares by itself,
 * and a snapshot has a mount of its own.
 */
export function sharesClient(volume: VolumeOptions, mounter: Mounter): boolean {
  return (
    volume.clientSharing === 'node' &&
    mounter.daemon !== undefined &&
    snapshotPath(volume, mounter) === undefined
  )
}

/** The volume as the shared client mounts it: without what differs from target to target. */
export function sharedVolume(volume: VolumeOptions): VolumeOptions {
  const { fsGroup: _, options, ...rest } = volume
  return {
    ...rest,
    options: { ...options, fuse: options.fuse.filter(option => !isPerMount(option)) },
    fsGroupPolicy: 'none',
    readOnly: false,
    pod: {},
  }
}

/**
 * What two targets must have in common to share a client, as one text: the file system with its user and key, and the
 * settings of the client. It contains the key, so only a keyed hash of it may be kept.
 *
 * @param client the name of the client.
 * @param cephConf the `ceph.conf` that the client reads.
 */
export function sharingText(volume: VolumeOptions, client: Client, cephConf: string, key: Secret): Secret {
  const { monitors, path, user, fsName } = identityOf(volume)
  const { fuse, fuseFlags } = sharedVolume(volume).options
  const parts = [
    ...[client, [...new Set(monitors)], path, user, fsName ?? null],
    ...[fuse, fuseFlags, cephConf, key.reveal()],
  ]
  return new Secret(JSON.stringify(parts))
}
