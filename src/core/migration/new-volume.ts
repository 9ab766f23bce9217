import { isVolumeName } from '../provision/names.js'
import { shortHash } from '../text/short-hash.js'
import type { CephFsVolume } from './pv-file.js'

/** The characters of a long name that stay, before a hash. */
const MAX_READABLE = 200

/** The name of a new PersistentVolume for the same directory: one cannot change its source, so it needs another name. */
export function renamed(name: string, suffix: string): string {
  const plain = `${name}-${suffix}`
  return isVolumeName(plain)
    ? plain
    : `${name.slice(0, MAX_READABLE)}-${shortHash(name)}-${suffix}`.replace(/\.-/g, '-')
}

/**
 * The `claimRef` of the new PersistentVolume: no other claim can bind it. It has no uid, so that a new claim with this
 * name can.
 */
export function claimRefOf({ claim }: Pick<CephFsVolume, 'claim'>): { claimRef?: object } {
  if (claim === undefined) return {}
  const { name, namespace } = claim
  return {
    claimRef: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      name,
      ...(namespace === undefined ? {} : { namespace }),
    },
  }
}
