import { isCephFS, type MountInfo } from '../target/mount-table.js'
import { podVolumeOf } from '../target/pod-volume.js'
import type { MountState } from '../target/state.js'

/**
 * How a mount answers. `dead`: its client is gone. `hung`: no answer in time.
 * `evicted`: the cluster has shut its client out. `broken`: another error.
 */
export type MountHealth = 'healthy' | 'dead' | 'hung' | 'evicted' | 'broken'

/** A mount of ours, or the state of one that is gone. */
export type OurMount = { target: string; client: 'fuse' | 'kernel'; entry?: MountInfo; state?: MountState }

/**
 * Joins the mount table and the state files: what either of them knows, by
 * target. A mount without a state is ours if it is where the kubelet has its
 * volumes, below `kubeletRoot`.
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
