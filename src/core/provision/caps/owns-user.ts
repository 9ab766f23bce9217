import type { ClusterInfo } from '../volume.js'
import { areOurCaps, type Caps } from './caps.js'
import { parseMdsCaps } from './mds-grammar.js'

/**
 * Whether this program created a user for the volume in this directory: its caps are exactly those of such a user.
 */
export function ownsUser(
  caps: Caps,
  directory: string,
  namespace: string,
  { dataPools, fsName }: Pick<ClusterInfo, 'dataPools' | 'fsName'>,
): boolean {
  const path = placeIn(caps)?.path
  if (path === undefined || !isAtOrBelow(path, directory)) return false
  return dataPools.some(pool => areOurCaps(caps, { path, pool, namespace, fsName }))
}

/** The directory that caps are for, and its file system if they name it. */
export function placeIn(caps: Caps): { path: string; fsName?: string | undefined } | undefined {
  const reading = parseMdsCaps(caps['mds'] ?? '', 'today')
  const [grant] = 'grants' in reading ? reading.grants : []
  return grant?.path === undefined ? undefined : { path: grant.path, fsName: grant.fsName }
}

function isAtOrBelow(path: string, directory: string): boolean {
  return path === directory || (path.startsWith(`${directory}/`) && !path.split('/').includes('..'))
}
