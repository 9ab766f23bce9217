import { hasFilesOf } from '../../core/namespaces/pod-files.js'
import type { Inventory } from '../../core/node/shared-clients.js'
import { containerName, liveDevices, lostTargets } from '../../core/recover/restart.js'
import { isCephFS, parseMountInfo } from '../../core/target/mount-table.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { isOfPod } from '../namespaces/is-of-pod.js'
import { knownPlaces, type Namespace, otherNamespaces } from '../namespaces/others.js'

/**
 * The containers that see a lost mount instead of the one that was made again: their names, by the target of the volume.
 * Reads the mount table of each container on the node that has CephFS mounted, and touches no mount.
 */
export function restartsNeeded(system: System, inventory: Inventory): ReadonlyMap<string, string[]> {
  const live = liveDevices(parseMountInfo(system.mountInfo()))
  const isKnown = knownPlaces(inventory)
  const hasLost = ({ mounts }: Namespace) =>
    mounts.some(entry => isCephFS(entry) && !isKnown(entry.mountPoint) && !live.has(entry.device))
  const lost = otherNamespaces(system)
    .filter(hasLost)
    .flatMap(({ mounts, process }) =>
      podsOf(inventory)
        .filter(({ uid }) => hasFilesOf(mounts, uid) || isOfPod(system, process.pid, uid))
        .flatMap(({ uid, targets }) =>
          lostTargets(mounts, targets, live).map(({ target }) => ({
            target,
            name: containerName(mounts, uid),
          })),
        ),
    )
  return new Map(lost.map(({ target }) => [target, namesFor(target, lost)]))
}

function namesFor(target: string, lost: readonly { target: string; name: string }[]): string[] {
  return [...new Set(lost.filter(each => each.target === target).map(({ name }) => name))].sort()
}

function podsOf({ mounts }: Inventory) {
  const uids = new Set(mounts.flatMap(({ target }) => podVolumeOf(target)?.uid ?? []))
  return [...uids].map(uid => ({
    uid,
    targets: mounts.filter(({ target }) => podVolumeOf(target)?.uid === uid),
  }))
}
