import { type MountInfo, visibleAt } from '../target/mount-table.js'

/**
 * The PID namespace in which a node boots, as links in /proc name it. Linux has a fixed number for it: only there is
 * process 1 the init of the node.
 */
export const FIRST_PID_NAMESPACE = 'pid:[4026531836]'

/** Programs that start containers, by name in /proc/PID/comm, at most 15 characters. They look up volumes by path. */
export const RUNTIMES: readonly string[] = [
  'containerd',
  'crio',
  'dockerd',
  'dockerd-current',
  'docker-containe',
  'isulad',
]

/** Programs that are a kubelet or contain one, by the same name. */
export const KUBELETS: readonly string[] = ['kubelet', 'hyperkube', 'kubelite', 'k3s-server', 'k3s-agent']

/** `pods/UID/volumes/PLUGIN/NAME`: the same below every name of the kubelet's directory. */
const VOLUME_PARTS = -5

/** Whether a lookup of `path` in the mount table of another process ends in this mount. */
export function shows(table: readonly MountInfo[], path: string, mount: MountInfo): boolean {
  const seen = visibleAt(table, path)
  return seen?.mountPoint === path && isSameTree(seen, mount)
}

/** Where else a mount table has this mount of a pod's volume. Other pods may have mounts of the same file system. */
export function placeOf(table: readonly MountInfo[], mount: MountInfo): string | undefined {
  const volume = mount.mountPoint.split('/').slice(VOLUME_PARTS).join('/')
  const isPlace = (entry: MountInfo) => isSameTree(entry, mount) && entry.mountPoint.endsWith(`/${volume}`)
  return table.find(isPlace)?.mountPoint
}

/**
 * Whether mounts that are made on this one reach other namespaces, as far as its propagation shows: a slave passes
 * nothing back to its master, and a private mount passes nothing on at all.
 */
export function isPassedOn(above: MountInfo | undefined): boolean {
  return above?.peerGroup !== undefined && above.master === undefined
}

/** Whether new mounts on `from` appear on `to`, in another namespace: its peer or its slave. */
export function reachesMount({ peerGroup }: MountInfo, to: MountInfo): boolean {
  return peerGroup !== undefined && (to.peerGroup === peerGroup || to.master === peerGroup)
}

/** Whether two paths, each with the mount that it is on, lead to the same directory. */
export function isSamePlace(
  a: { path: string; mount: MountInfo },
  b: { path: string; mount: MountInfo },
): boolean {
  const inside = ({ path, mount }: typeof a) =>
    `${mount.root}/${path.slice(mount.mountPoint.length)}`.split('/').filter(Boolean).join('/')
  return a.mount.device === b.mount.device && inside(a) === inside(b)
}

/** The propagation of a mount, as findmnt(8) names it. */
export function propagationOf({ peerGroup, master }: MountInfo): string {
  if (master !== undefined) return 'slave'
  return peerGroup === undefined ? 'private' : 'shared'
}

function isSameTree(a: MountInfo, b: MountInfo) {
  return a.device === b.device && a.root === b.root
}
