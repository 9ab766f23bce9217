import { Secret } from '../../src/core/secret.js'
import type { VolumeOptions } from '../../src/core/volume/volume.js'

/** A cephx key of the usual kind (AES, 40 characters), of no real cluster. */
export const KEY = 'AQAsGwpfZ0UjARAACzBVep/E6Q4zWH2ix+wRNg=='

/** A key of the kind that Ceph 20 creates (AES256K, 60 characters). */
export const LONG_KEY = 'AgAsGwpfZ0UjASAACzBVep/E6Q4zWH2ix+wRNluApcrvFDleg6jN8hc8YYY='

/** The kubelet's JSON for a minimal valid volume with a client of its own. A change to undefined removes the option. */
export function optionsJson(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    'kubernetes.io/fsType': '',
    'kubernetes.io/readwrite': 'rw',
    'kubernetes.io/pvOrVolumeName': 'data',
    'kubernetes.io/secret/key': base64(KEY),
    monitors: '10.0.0.1:6789',
    clientSharing: 'pod',
    ...changes,
  })
}

/** The same volume as `optionsJson`, after parsing. */
export function volume(changes: Partial<VolumeOptions> = {}): VolumeOptions {
  return {
    monitors: [{ host: '10.0.0.1', port: 6789 }],
    path: '/',
    user: 'admin',
    mounter: 'auto',
    clientSharing: 'pod',
    options: { fuse: [], fuseFlags: [], kernel: [] },
    timeoutS: 60,
    fsGroupPolicy: 'none',
    readOnly: false,
    credential: { from: 'secret', key: new Secret(KEY) },
    pod: { volume: 'data' },
    ...changes,
  }
}

/** The encoding in which the kubelet passes a value of a Secret. */
export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
