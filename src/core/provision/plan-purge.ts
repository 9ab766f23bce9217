import { CephflexError } from '../errors.js'
import type { KeptData } from './kept.js'
import { settingsSteps } from './kept-settings.js'
import { reservedPath } from './names.js'
import { refuseInner, refuseSnapshots } from './obstacles.js'
import { metaFile } from './old-volume.js'
import { isArchive } from './proof.js'
import type { Step } from './steps.js'
import type { VolumeFacts } from './volume.js'

/** The file of a subvolume in which the manager records its path. */
const SUBVOLUME_RECORD = '.meta'

/**
 * The steps that delete kept data. It is moved away in one step, and only then deleted. A call that was killed is
 * continued by the next one.
 *
 * @throws CephflexError ESNAPSHOTS; ENOTOURS if volumes are inside, or the trash was not created by this program.
 */
export function planPurge({ share, backend, marker, trash, onDelete, ...found }: KeptData): Step[] {
  refuseInner(found)
  refuseSnapshots(found)
  const earlier = purgeTrash(share, { trash, cluster: found.cluster })
  const settings = settingsSteps(share, onDelete)
  if (marker === undefined) return [...earlier, ...settings]
  const path = reservedPath('trash', share)
  const isRecorded = backend === 'subvolume' && !isArchive(marker, share)
  return [
    ...earlier,
    ...(isRecorded ? [removeRecord(share)] : []),
    ...removeMeta(share, marker),
    { do: 'rename', from: share, to: path },
    { do: 'purge', path },
    ...settings,
  ]
}

/** What an interrupted deletion left. @throws CephflexError ENOTOURS if it has no mark. */
export function purgeTrash(
  share: string,
  { trash, cluster }: Pick<VolumeFacts, 'trash' | 'cluster'>,
): Step[] {
  const path = reservedPath('trash', share)
  if (trash.kind === 'missing') return []
  if (trash.kind === 'ours') return [{ do: 'purge', path }]
  throw new CephflexError(
    'ENOTOURS',
    `${cluster.claimRoot}/${path} is not marked as a volume, so it was not removed`,
  )
}

/** A subvolume that is renamed is no longer one: the record of the manager names its path. */
export function removeRecord(share: string): Step {
  return { do: 'remove file', path: `${share}/${SUBVOLUME_RECORD}` }
}

/** The file of external-storage's provisioner. Before the directory: later nothing would show that they belong together. */
export function removeMeta(share: string, { imported }: { imported?: true }): Step[] {
  const path = imported ? metaFile(share) : undefined
  return path === undefined ? [] : [{ do: 'remove file', path }]
}
