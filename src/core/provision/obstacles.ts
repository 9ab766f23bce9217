import { CephflexError } from '../errors.js'
import { maskKeys } from '../text/printable.js'
import { shellQuoted } from '../text/shell.js'
import type { Marker } from './marker.js'
import { groupOf } from './plan-create.js'
import type { OnDelete, VolumeFacts } from './volume.js'

/** The number of paths in a message. */
const NAMED = 3

/** What was found in a directory; see {@link VolumeFacts}. */
type Obstacles = Pick<VolumeFacts, 'snapshots' | 'inner' | 'cluster'>

/**
 * What becomes of the data of a volume that is deleted. A mark that says that it is kept counts only once the user is
 * gone: a deletion deletes the user first, and a pod can write marks.
 */
export function fateOf(
  marker: Marker | undefined,
  onDelete: OnDelete,
  { user }: Pick<VolumeFacts, 'user'>,
): OnDelete {
  return user.kind === 'missing' ? (marker?.kept ?? onDelete) : onDelete
}

/**
 * Refuses to delete what has snapshots: CephFS keeps a directory that has one.
 *
 * @param done what would have been done to the directory.
 * @throws CephflexError ESNAPSHOTS.
 */
export function refuseSnapshots({ snapshots = [], cluster }: Obstacles, done = 'deleted'): void {
  const [first] = snapshots
  if (first === undefined) return
  throw new CephflexError(
    'ESNAPSHOTS',
    `nothing was ${done}, because there are snapshots: ${listOf(snapshots, cluster)}`,
    { hint: `delete each snapshot first, such as the first one ${commandFor(first, cluster)}` },
  )
}

/**
 * Refuses to delete or rename a directory with other volumes in it.
 *
 * @param done what would have been done to the directory.
 * @throws CephflexError ENOTOURS.
 */
export function refuseInner({ inner = [], cluster }: Obstacles, done = 'deleted'): void {
  if (inner.length === 0) return
  throw new CephflexError(
    'ENOTOURS',
    `nothing was ${done}, because other volumes are inside: ${listOf(inner, cluster)}`,
    {
      hint: 'delete these volumes first; or remove a mark that only a pod has set with "setfattr -x user.cephflex.volume DIRECTORY"',
    },
  )
}

function listOf(paths: readonly string[], { claimRoot }: VolumeFacts['cluster']): string {
  const some = paths.slice(0, NAMED).map(path => maskKeys(`${claimRoot}/${path}`))
  return `${some.join(', ')}${paths.length > NAMED ? ', and more' : ''}`
}

/** How a person deletes a snapshot. The manager keeps records of those that it created. */
function commandFor(snapshot: string, cluster: VolumeFacts['cluster']): string {
  const [share = '', directory, name = '', more] = snapshot.split('/')
  if (cluster.backend === 'subvolume' && directory === '.snap' && more === undefined)
    return `with "${['ceph fs subvolume snapshot rm', cluster.fsName, share, shellQuoted(name), groupOf(cluster)].join(' ')}"`
  return `with "rmdir ${shellQuoted(`MOUNT${cluster.claimRoot}/${snapshot}`)}", where MOUNT has the whole file system mounted`
}
