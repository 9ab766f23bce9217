import { containerOf } from '../namespaces/pod-files.js'
import type { OurMount } from '../node/inventory.js'
import { isCephFS, type MountInfo } from '../target/mount-table.js'
import { isSubPathBind } from '../target/sub-path.js'

/**
 * The devices of CephFS that a container may have without having lost a mount: those that the node has mounted where
 * they can be used. A mount that another one covers, or the bind of a subPath, is what is left of a lost one.
 *
 * @param node the mount table of the node, in its order: of several mounts on a directory, the last is the top one.
 */
export function liveDevices(node: readonly MountInfo[]): ReadonlySet<string> {
  const top = new Map(node.filter(isCephFS).map(entry => [entry.mountPoint, entry.device]))
  return new Set([...top].flatMap(([path, device]) => (isSubPathBind(path) ? [] : [device])))
}

/**
 * The targets of a pod whose volume a container of it has lost: it sees a mount of CephFS that is none of the node any
 * more, and not what the target has now.
 *
 * @param mounts the mount table of the container. @param targets the mounts of its pod.
 */
export function lostTargets(
  mounts: readonly MountInfo[],
  targets: readonly OurMount[],
  live: ReadonlySet<string>,
): OurMount[] {
  const seen = new Set(
    new Map(mounts.filter(isCephFS).map(entry => [entry.mountPoint, entry.device])).values(),
  )
  if ([...seen].every(device => live.has(device))) return []
  return targets.filter(({ entry }) => entry !== undefined && !seen.has(entry.device))
}

/** The name of the container of a pod that has this mount table; empty if it is not known. */
export function containerName(mounts: readonly MountInfo[], uid: string): string {
  return containerOf(mounts, uid) ?? ''
}
