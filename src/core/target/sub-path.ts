import { isCephFS, type MountInfo, mountedOn, parseMountInfo } from './mount-table.js'
import { podVolumeOf } from './pod-volume.js'

/** The kubelet's bind mount of a `subPath`: `PODS/UID/volume-subpaths/VOLUME/CONTAINER/N`. */
export type SubPathBind = { path: string; container: string; entry: MountInfo }

const BIND = /\/pods\/[^/]+\/volume-subpaths\/[^/]+\/[^/]+\/\d+$/
const CONTAINER_AND_NUMBER = /^([^/]+)\/\d+$/

/**
 * The binds that the kubelet made for subPaths of this pod and volume, and that are not of the file system that is now
 * mounted on the target: its container cannot start again while it is there. Whether such a bind is dead, the mount
 * table does not tell. As fast as {@link mountedOn} if the volume has no subPath.
 *
 * @param text a mount table; `targets`: the table that has the target, if it is another one.
 */
export function staleSubPaths(text: string, target: string, targets = text): SubPathBind[] {
  const volume = podVolumeOf(target)
  if (volume === undefined) return []
  const directory = `${volume.pods}/${volume.uid}/volume-subpaths/${volume.volume}/`
  const lines = text.split('\n').filter(line => line.includes(` ${directory}`))
  if (lines.length === 0) return []
  const live = mountedOn(targets, target).at(-1)
  if (live === undefined || !isCephFS(live)) return []
  const top = new Map(parseMountInfo(lines.join('\n')).map(entry => [entry.mountPoint, entry]))
  return [...top.values()].flatMap(entry => {
    const path = entry.mountPoint
    const [, container] = CONTAINER_AND_NUMBER.exec(path.slice(directory.length)) ?? []
    const isStale = container !== undefined && isCephFS(entry) && entry.device !== live.device
    return isStale ? [{ path, container, entry }] : []
  })
}

/** Whether a path has the form of the kubelet's binds for subPaths. */
export function isSubPathBind(path: string): boolean {
  return BIND.test(path)
}
