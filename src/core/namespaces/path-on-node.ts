import { type MountInfo, visibleAt } from '../target/mount-table.js'

/**
 * The path of the node that leads to the same place as `path` of a process in another mount namespace; undefined if the
 * node has none, or if it is in the image of a container.
 */
export function pathOnNode(
  node: readonly MountInfo[],
  process: readonly MountInfo[],
  path: string,
): string | undefined {
  const mount = visibleAt(process, path)
  if (mount === undefined || mount.fsType === 'overlay') return undefined
  const inside = joined(mount.root, below(mount.mountPoint, path))
  const place = node.find(({ device, root }) => device === mount.device && isBelow(root, inside))
  if (place === undefined) return undefined
  const found = joined(place.mountPoint, below(place.root, inside))
  return visibleAt(node, found)?.id === place.id ? found : undefined
}

function isBelow(directory: string, path: string) {
  return directory === '/' || `${path}/`.startsWith(`${directory}/`)
}

function below(directory: string, path: string) {
  return directory === '/' ? path : path.slice(directory.length)
}

function joined(directory: string, rest: string) {
  return `${directory === '/' ? '' : directory}${rest}` || '/'
}
