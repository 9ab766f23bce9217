import { type Backend, type ClaimRef, type VolumeNames, volumeNames } from '../../core/provision/names.js'
import type { VolumeFacts } from '../../core/provision/volume.js'
import { inspectVolume } from './inspect.js'
import { findTrashed, listVolumes } from './list.js'
import type { Provisioner } from './provisioner.js'

type VolumeLocation = { names: VolumeNames; facts: VolumeFacts }

export type VolumeHints = { claim?: ClaimRef | undefined; names?: VolumeNames | undefined }

/**
 * Finds a volume by the name of its PersistentVolume. If it is not at the path
 * that follows from the name, searches all markers: it may have been created
 * with deterministic names.
 */
export async function locateVolume(
  provisioner: Provisioner,
  pv: string,
  hints: VolumeHints = {},
): Promise<VolumeLocation> {
  const { cluster } = provisioner
  let first: VolumeLocation | undefined
  for (const names of candidates(pv, cluster.backend, hints)) {
    const facts = await inspectVolume(provisioner, names)
    if (isFor(facts, pv)) return { names, facts }
    first ??= { names, facts }
  }
  const found = hints.names
    ? undefined
    : ((await listVolumes(provisioner)).find(entry => entry.marker.pv === pv) ??
      (await findTrashed(provisioner, pv)))
  if (found === undefined) return first as VolumeLocation
  const { user, namespace } = found.marker
  const names = { share: found.share, user, namespace }
  return { names, facts: await inspectVolume(provisioner, names) }
}

/** Whether these facts are of the volume of this name. */
export function isFor({ volume, intended }: VolumeFacts, pv: string): boolean {
  return (volume.kind === 'ours' && volume.marker.pv === pv) || intended?.pv === pv
}

/** The names that a volume may have: the known ones, else those that follow from its own or its claim's name. */
function candidates(pv: string, backend: Backend, hints: VolumeHints): VolumeNames[] {
  if (hints.names) return [hints.names]
  const other: Backend = backend === 'directory' ? 'subvolume' : 'directory'
  return (hints.claim ? [backend, other] : [backend]).map(each => volumeNames(pv, each, hints.claim))
}
