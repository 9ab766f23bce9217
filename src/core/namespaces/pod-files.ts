import type { MountInfo } from '../target/mount-table.js'

/**
 * Whether a mount table is that of a container of this pod: it has a file or directory that the kubelet keeps for the
 * pod, such as its hosts or the log of its end. The table of the node has them below the directory of the pod as well,
 * so they count only at another path.
 */
export function hasFilesOf(mounts: readonly MountInfo[], uid: string): boolean {
  const part = `/pods/${uid}/`
  return mounts.some(({ root, mountPoint }) => root.includes(part) && !mountPoint.includes(part))
}

/**
 * The name of the container of this pod that a mount table is of, by the file that the kubelet keeps for the message of
 * its end: `PODS/UID/containers/NAME/ID`. Undefined if the container has none.
 */
export function containerOf(mounts: readonly MountInfo[], uid: string): string | undefined {
  const pattern = /\/pods\/([^/]+)\/containers\/([^/]+)\/[^/]+$/
  return mounts.map(({ root }) => pattern.exec(root)).find(match => match?.[1] === uid)?.[2]
}
