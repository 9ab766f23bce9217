import { hasFilesOf } from '../../core/namespaces/pod-files.js'
import type { Inventory } from '../../core/node/shared-clients.js'
import { isCephFS, type MountInfo, parseMountInfo } from '../../core/target/mount-table.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { ProcessInfo } from '../../core/target/process.js'
import { isSubPathBind } from '../../core/target/sub-path.js'
import type { System } from '../../system/system.js'
import { isOfPod } from './is-of-pod.js'
import { viewerOf } from './reach.js'

/** The mount table of another mount namespace, and a process that lives there. */
export type Namespace = { process: ProcessInfo; mounts: readonly MountInfo[] }

/**
 * The namespaces in which the pod of a target has one of these file systems mounted: its containers, at their own path.
 * Not the containers of other pods, which may share the client; nor copies of the namespace of the node.
 */
export function usersOf(
  system: System,
  devices: ReadonlySet<string>,
  target: string,
  inventory: Inventory,
): Namespace[] {
  const isKnown = knownPlaces(inventory)
  const others = inventory.mounts.flatMap(mount =>
    mount.target === target ? [] : (podVolumeOf(mount.target)?.uid ?? []),
  )
  return otherNamespaces(system).filter(
    ({ mounts, process }) =>
      mounts.some(({ device, mountPoint }) => devices.has(device) && !isKnown(mountPoint)) &&
      !others.some(uid => hasFilesOf(mounts, uid) || isOfPod(system, process.pid, uid)),
  )
}

/**
 * Whether this driver has mounted something on a directory, or the kubelet for a subPath. A container has its volumes
 * elsewhere.
 */
export function knownPlaces({ mounts, clients }: Inventory): (mountPoint: string) => boolean {
  const targets = new Set([...mounts, ...clients].map(({ target }) => target))
  return mountPoint => targets.has(mountPoint) || isSubPathBind(mountPoint)
}

/** A mount of CephFS that this process's own mount table does not show, and a process that sees it. */
type ForeignMount = { entry: MountInfo; process: ProcessInfo }

/**
 * The mounts of CephFS in other mount namespaces: first those of the kubelet, then those of the node. If `everywhere`,
 * also all others, each read through one of its processes: a client may be the only process that sees its mount.
 */
export function foreignMounts(
  system: System,
  own: readonly MountInfo[],
  kubelet: number | undefined,
  everywhere: boolean,
): ForeignMount[] {
  const ids = new Set(own.map(({ id }) => id))
  const first = [kubelet, 1].flatMap(pid => {
    const info = pid === undefined ? undefined : system.processes.processInfo(pid)
    return info ? [{ process: info, mounts: parseMountInfo(system.mountInfo(pid)) }] : []
  })
  return [...first, ...(everywhere ? otherNamespaces(system) : [])].flatMap(({ process, mounts }) => {
    const found = mounts.filter(entry => isCephFS(entry) && !ids.has(entry.id))
    const viewer = found.length > 0 ? system.processes.processInfo(viewerOf(system, process.pid)) : undefined
    return found.map(entry => ({ entry, process: viewer ?? process }))
  })
}

/** Every other mount namespace on the node, as its processes see it. Reads only /proc. */
export function otherNamespaces(system: System): Namespace[] {
  const { files, processes } = system
  const seen = new Set([files.link('/proc/self/ns/mnt')])
  return processes.allPids().flatMap(pid => {
    const id = files.link(`/proc/${pid}/ns/mnt`)
    if (id === undefined || seen.has(id)) return []
    seen.add(id)
    const info = processes.processInfo(pid)
    const text = system.mountInfo(pid)
    return info && text ? [{ process: info, mounts: parseMountInfo(text) }] : []
  })
}

/** Whether a namespace still shows a lost file system: no newer mount covers it there. */
export function exposesLost({ mounts }: Namespace, lost: ReadonlySet<string>, inventory: Inventory): boolean {
  const isKnown = knownPlaces(inventory)
  const topMounts = new Map(mounts.map(({ mountPoint, device }) => [mountPoint, device]))
  return [...topMounts].some(([mountPoint, device]) => lost.has(device) && !isKnown(mountPoint))
}
