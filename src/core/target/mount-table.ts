import { clientOfType } from '../mounters/index.js'

/** One line of /proc/self/mountinfo; field names follow proc(5). */
export type MountInfo = {
  id: number
  /** The id of the mount that it is mounted on; that one may be missing from the table. */
  parent: number
  /** `major:minor` of the mounted file system; for FUSE the minor names its control directory. */
  device: string
  /** The directory of the file system that is mounted; `/` unless it is a bind mount. */
  root: string
  mountPoint: string
  options: readonly string[]
  fsType: string
  source: string
  /** The peer group that a mount shares its mounts with (`shared:N`), and the one it receives from (`master:N`). */
  peerGroup?: number
  master?: number
}

/** Whether this is a mount of CephFS, by any client. This program never unmounts anything else. */
export function isCephFS({ fsType }: MountInfo): boolean {
  return clientOfType(fsType) !== undefined
}

/** Parses the text of /proc/self/mountinfo (format: proc(5)). Skips lines that it cannot read. */
export function parseMountInfo(text: string): MountInfo[] {
  return text.split('\n').flatMap(parseLine)
}

/**
 * What is mounted exactly on `target`, the lowest first; several entries are stacked mounts. Parses only the lines that
 * contain the path, so it is fast on a node with thousands of mounts.
 */
export function mountedOn(text: string, target: string): MountInfo[] {
  const needle = ` ${escapeOctal(target)} `
  return text
    .split('\n')
    .filter(line => line.includes(needle))
    .flatMap(parseLine)
    .filter(entry => entry.mountPoint === target)
}

/** The mounts of one file system. As fast as {@link mountedOn}. */
export function mountsOfDevice(text: string, device: string): MountInfo[] {
  return text
    .split('\n')
    .filter(line => line.includes(` ${device} `))
    .flatMap(parseLine)
    .filter(entry => entry.device === device)
}

/**
 * The mount that a lookup of `path` ends in. A mount that another one covers is not it, unlike the last line of a
 * table for that path.
 *
 * @param path absolute, without links.
 */
export function visibleAt(entries: readonly MountInfo[], path: string): MountInfo | undefined {
  const ids = new Set(entries.map(({ id }) => id))
  const isOnPath = ({ mountPoint }: MountInfo) =>
    mountPoint === '/' || `${path}/`.startsWith(`${mountPoint}/`)
  const onPath = entries.filter(isOnPath).sort((a, b) => a.mountPoint.length - b.mountPoint.length)
  let seen: MountInfo | undefined
  for (;;) {
    const next = onPath.find(({ id, parent }) =>
      seen === undefined ? !ids.has(parent) || parent === id : parent === seen.id && id !== seen.id,
    )
    if (next === undefined) return seen
    seen = next
  }
}

function escapeOctal(path: string) {
  return path.replace(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

function parseLine(line: string): MountInfo[] {
  const [left = '', right = ''] = line.split(' - ')
  const [id, parent, device, root, mountPoint, options, ...optional] = left.split(' ')
  const [fsType, source] = right.split(' ')
  if (!id || !device || !root || !mountPoint || !options || !fsType || source === undefined) return []
  return [
    {
      id: Number(id),
      parent: Number(parent),
      device,
      root: unescapeOctal(root),
      mountPoint: unescapeOctal(mountPoint),
      options: options.split(','),
      fsType,
      source: unescapeOctal(source),
      ...groupIn(optional, 'shared', 'peerGroup'),
      ...groupIn(optional, 'master', 'master'),
    },
  ]
}

function groupIn<K extends string>(optional: readonly string[], tag: string, key: K): { [P in K]?: number } {
  const field = optional.find(word => word.startsWith(`${tag}:`))
  return field === undefined ? {} : ({ [key]: Number(field.slice(tag.length + 1)) } as { [P in K]: number })
}

function unescapeOctal(field: string) {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
