/** One line of /proc/self/mountinfo; field names follow proc(5). */
export type MountInfo = {
  id: number
  /** `major:minor` of the mounted file system; for FUSE the minor names its control directory. */
  device: string
  mountPoint: string
  options: readonly string[]
  fsType: string
  source: string
}

/** Whether this is a mount of CephFS, by either client. This program never unmounts anything else. */
export function isCephFS({ fsType }: MountInfo): boolean {
  return fsType === 'fuse.ceph-fuse' || fsType === 'ceph'
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

function escapeOctal(path: string) {
  return path.replace(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

function parseLine(line: string): MountInfo[] {
  const [left = '', right = ''] = line.split(' - ')
  const [id, , device, , mountPoint, options] = left.split(' ')
  const [fsType, source] = right.split(' ')
  if (!id || !device || !mountPoint || !options || !fsType || source === undefined) return []
  return [
    {
      id: Number(id),
      device,
      mountPoint: unescapeOctal(mountPoint),
      options: options.split(','),
      fsType,
      source: unescapeOctal(source),
    },
  ]
}

function unescapeOctal(field: string) {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
