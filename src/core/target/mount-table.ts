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

/** File system types that a CephFS client shows. Nothing else is ever unmounted by this program. */
const CLIENT_OF_FS_TYPE: Readonly<Record<string, 'fuse' | 'kernel'>> = {
  'fuse.ceph-fuse': 'fuse',
  ceph: 'kernel',
}

export function isCephFS(entry: MountInfo): boolean {
  return Object.hasOwn(CLIENT_OF_FS_TYPE, entry.fsType)
}

/** Parses the text of /proc/self/mountinfo (format: proc(5)). Lines it cannot read are skipped. */
export function parseMountInfo(text: string): MountInfo[] {
  return text.split('\n').flatMap(parseLine)
}

/**
 * What is mounted exactly on `target`, the lowest first; more than one entry
 * means stacked mounts. Only lines that hold the path are parsed, so that a
 * node with thousands of mounts costs next to nothing.
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
