import type { Survey } from '../../core/ceph/cephfs-operations.js'
import { MARKER_XATTR } from '../../core/provision/marker.js'
import { reservedPath } from '../../core/provision/names.js'
import { fateOf } from '../../core/provision/obstacles.js'
import type { OnDelete, VolumeFacts } from '../../core/provision/volume.js'
import type { Provisioner } from './provisioner.js'

/** The length of one round, as for deleting files. */
const ROUND_S = 5

/** The facts, with what prevents the deletion of the directories that it would remove or rename. Changes nothing. */
export async function withObstacles(
  provisioner: Provisioner,
  { pv, share, onDelete }: { pv: string; share: string; onDelete: OnDelete },
  facts: VolumeFacts,
  signal: AbortSignal | undefined,
): Promise<VolumeFacts> {
  const { volume, intended, trash } = facts
  const marker = volume.kind === 'ours' ? volume.marker : intended
  const what = fateOf(marker, onDelete, facts)
  const isMoved = what !== 'retain' && volume.kind !== 'missing' && marker?.pv === pv
  const inVolume = isMoved ? await findIn(provisioner, share, signal) : NONE
  const inTrash =
    trash.kind === 'ours' ? await findIn(provisioner, reservedPath('trash', share), signal) : NONE
  return {
    ...facts,
    snapshots: [...(what === 'delete' ? inVolume.snapshots : []), ...inTrash.snapshots],
    inner: [...inVolume.marked, ...inTrash.marked],
  }
}

const NONE: Survey = { snapshots: [], marked: [] }

/** What is in a directory, however long it takes. */
export async function findIn(
  { files }: Provisioner,
  path: string,
  signal?: AbortSignal | undefined,
): Promise<Survey> {
  for (;;) {
    const found = await files.survey(path, MARKER_XATTR, ROUND_S)
    if (found !== undefined) return found
    signal?.throwIfAborted()
  }
}
