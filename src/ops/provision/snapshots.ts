import { reservedPath } from '../../core/provision/names.js'
import type { OnDelete, VolumeFacts } from '../../core/provision/volume.js'
import type { Provisioner } from './provisioner.js'

/** The length of one round, as for deleting files. */
const ROUND_S = 5

/** The facts, with the snapshots in the directories that a deletion would remove. Changes nothing. */
export async function withSnapshots(
  provisioner: Provisioner,
  { pv, share, onDelete }: { pv: string; share: string; onDelete: OnDelete },
  facts: VolumeFacts,
  signal: AbortSignal | undefined,
): Promise<VolumeFacts> {
  const { volume, intended, trash } = facts
  const marker = volume.kind === 'ours' ? volume.marker : intended
  const isRemoved = onDelete === 'delete' && volume.kind !== 'missing' && marker?.pv === pv && !marker.kept
  const paths = [
    ...(isRemoved ? [share] : []),
    ...(trash.kind === 'ours' ? [reservedPath('trash', share)] : []),
  ]
  const snapshots: string[] = []
  for (const path of paths) snapshots.push(...(await findIn(provisioner, path, signal)))
  return { ...facts, snapshots }
}

async function findIn(
  { files }: Provisioner,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  for (;;) {
    const found = await files.snapshots(path, ROUND_S)
    if (found !== undefined) return found
    signal?.throwIfAborted()
  }
}
