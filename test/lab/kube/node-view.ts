import { readdirSync, readFileSync } from 'node:fs'
import { parseMountInfo } from '../../../src/core/target/mount-table.js'
import { allPids, argvOf, processInfo } from '../../../src/system/processes.js'

export type NodeView = ReturnType<typeof makeNodeView>

/**
 * The mounts, directories and processes of the cluster in `dir` on this machine.
 *
 * @param runDirectory of the driver, with the places of the clients that pods share.
 */
export function makeNodeView(dir: string, runDirectory = `${dir}/none`) {
  const pods = `${dir}/kubelet/pods/`
  const places = `${runDirectory}/shared/`
  const mounts = () => parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8'))
  /** Mounts on the volume directories of pods, not those of the pods' own view. */
  const volumeMounts = (uid = '') => mounts().filter(({ mountPoint }) => mountPoint.startsWith(pods + uid))
  const running = () => cephFuse([pods, places])
  /** The places of the shared clients that these volumes have. */
  const placesOf = (uid: string) => {
    const devices = new Set(volumeMounts(uid).map(({ device }) => device))
    return new Set(
      mounts()
        .filter(({ device, mountPoint }) => devices.has(device) && mountPoint.startsWith(places))
        .map(({ mountPoint }) => mountPoint),
    )
  }
  return {
    volumeMounts,
    /** The uids of pods that the kubelet still keeps a directory of. */
    podDirs: (): string[] => {
      try {
        return readdirSync(pods)
      } catch {
        return []
      }
    },
    /** ceph-fuse processes by pid: all of this node, or those that the volumes of a pod have, alone or with others. */
    clients: (uid = ''): number[] => {
      const shared = placesOf(uid)
      const isOf = (place: string) => uid === '' || place.startsWith(pods + uid) || shared.has(place)
      return running()
        .filter(({ place }) => isOf(place))
        .map(({ pid }) => pid)
    },
    /** The clients that no mounted volume has: of a pod that is gone, or shared ones without a pod. */
    idleClients: (): number[] => {
      const used = placesOf('')
      const mounted = new Set(volumeMounts().map(({ mountPoint }) => mountPoint))
      return running()
        .filter(({ place }) => !used.has(place) && !mounted.has(place))
        .map(({ pid }) => pid)
    },
    /** The mounts of clients that no mounted volume has. A call that unmounts the last one still has to remove it. */
    idlePlaces: (): string[] => {
      const used = placesOf('')
      return mounts()
        .map(({ mountPoint }) => mountPoint)
        .filter(place => place.startsWith(places) && !used.has(place))
    },
    kubeletLog: () => readFileSync(`${dir}/run/log/kubelet.log`, 'utf8'),
  }
}

/** The ceph-fuse processes that mount, or have mounted, below one of these directories. */
function cephFuse(directories: readonly string[]): { pid: number; place: string }[] {
  return allPids().flatMap(pid => {
    const argv = argvOf(pid)
    const place = argv.find(word => directories.some(directory => word.startsWith(directory)))
    const isClient = argv[0]?.endsWith('ceph-fuse') && processInfo(pid)?.state !== 'Z'
    return isClient && place !== undefined ? [{ pid, place }] : []
  })
}
