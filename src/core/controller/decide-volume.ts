import { CephflexError } from '../errors.js'
import { PARAMETERS_ANNOTATION, VOLUME_FINALIZER } from '../kubernetes/annotations.js'
import type { PersistentVolume } from '../kubernetes/objects.js'
import { hasFinalizer } from '../kubernetes/objects.js'
import { type Parameters, parseParameters } from '../provision/parameters.js'
import { isProvisionedByUs } from './decide-claim.js'
import type { ControllerSettings } from './settings.js'

export type VolumeDecision =
  | { do: 'nothing' }
  | { do: 'refuse'; reason: string; error: CephflexError }
  /** Data, user, Secret, and then the PersistentVolume itself. */
  | { do: 'delete'; parameters: Parameters }
  /** It is being deleted, and its data is to stay. */
  | { do: 'remove finalizer' }

/** Failed: Kubernetes itself tried to delete it before. */
const FREE = ['Released', 'Failed']

const NOTHING: VolumeDecision = { do: 'nothing' }

/**
 * What is to be done about a PersistentVolume. It is removed with its data
 * only when its claim is gone and its policy says Delete; a volume that
 * somebody sets to Retain before deleting it keeps its data.
 */
export function decideVolume(volume: PersistentVolume, settings: ControllerSettings): VolumeDecision {
  const { metadata, spec, status } = volume
  if (!isProvisionedByUs(volume, settings)) return NOTHING
  const isEnding = metadata.deletionTimestamp !== undefined
  const isHeld = hasFinalizer(volume, VOLUME_FINALIZER)
  if (isEnding && !isHeld) return NOTHING
  if (spec.persistentVolumeReclaimPolicy !== 'Delete') return isEnding ? { do: 'remove finalizer' } : NOTHING
  if (!FREE.includes(status?.phase ?? '')) return NOTHING
  return deleting(volume)
}

/** The parameters that were noted when the volume was made. @throws CephflexError EBADVOLUME. */
export function annotatedParameters({ metadata }: PersistentVolume): Parameters {
  const note = metadata.annotations?.[PARAMETERS_ANNOTATION]
  if (note === undefined)
    throw new CephflexError('EBADVOLUME', `${metadata.name} does not record where its data is`, {
      hint: `another provisioner created it: add the annotation ${PARAMETERS_ANNOTATION} with the parameters of its StorageClass as JSON`,
    })
  let raw: unknown
  try {
    raw = JSON.parse(note)
  } catch {
    raw = undefined
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new CephflexError('EBADVOLUME', `the annotation ${PARAMETERS_ANNOTATION} is not a JSON object`)
  return parseParameters(raw as Record<string, unknown>)
}

function deleting(volume: PersistentVolume): VolumeDecision {
  try {
    return { do: 'delete', parameters: annotatedParameters(volume) }
  } catch (error) {
    if (error instanceof CephflexError) return { do: 'refuse', reason: 'VolumeFailedDelete', error }
    throw error
  }
}
