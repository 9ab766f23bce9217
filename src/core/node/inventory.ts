import { isCephFS, type MountInfo } from '../target/mount-table.js'
import { podVolumeOf } from '../target/pod-volume.js'
import type { MountState } from '../target/state.js'

/**
 * How a mount answers. `dead`: its client is gone. `hung`: no answer in time. `evicted`: the cluster has evicted its
 * client. `broken`: another error. `unknown`: it could not be checked, which says nothing about it.
 */
export type MountHealth = 'healthy' | 'dead' | 'hung' | 'evicted' | 'broken' | 'unknown'

/** A mount of this driver, or the state of one that is gone. */
export type OurMount = { target: string; client: 'fuse' | 'kernel'; entry?: MountInfo; state?: MountState }

/**
 * Joins the mount table and the state files by target, and sorts by target. A mount without state counts if it is on a
 * directory of the kubelet for a volume, below `kubeletRoot`.
 */
export function joinMounts(
  entries: readonly MountInfo[],
  states: readonly MountState[],
  kubeletRoot: string,
): OurMount[] {
  const isVolume = (path: string) => path.startsWith(`${kubeletRoot}/`) && podVolumeOf(path) !== undefined
  const byTarget = new Map<string, OurMount>()
  for (const state of states)
    byTarget.set(state.target, { target: state.target, client: state.client, state })
  for (const entry of entries.filter(isCephFS)) {
    const known = byTarget.get(entry.mountPoint)
    if (!known && !isVolume(entry.mountPoint)) continue
    const client = entry.fsType === 'ceph' ? 'kernel' : 'fuse'
    byTarget.set(entry.mountPoint, { ...known, target: entry.mountPoint, client, entry })
  }
  return [...byTarget.values()].sort((a, b) => (a.target < b.target ? -1 : 1))
}
