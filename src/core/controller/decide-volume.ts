import { CephflexError } from '../errors.js'
import { PARAMETERS_ANNOTATION, VOLUME_FINALIZER } from '../kubernetes/annotations.js'
import type { PersistentVolume } from '../kubernetes/objects.js'
import { hasFinalizer } from '../kubernetes/objects.js'
import { type Parameters, parseParameters } from '../provision/parameters.js'
import { isProvisionedByUs } from './decide-claim.js'
import type { ControllerSettings } from './settings.js'

/** What the controller does about a PersistentVolume. */
export type VolumeDecision =
  | { do: 'nothing' }
  | { do: 'refuse'; reason: string; error: CephflexError }
  /** Delete data, user, Secret, and then the PersistentVolume itself. */
  | { do: 'delete'; parameters: Parameters }
  /** It is being deleted, and its data is kept. */
  | { do: 'remove finalizer' }

/** Failed: Kubernetes itself has tried to delete it. */
const WITHOUT_CLAIM = ['Released', 'Failed']

const NOTHING: VolumeDecision = { do: 'nothing' }

/**
 * Decides what to do about a PersistentVolume. It is deleted with its data only if its claim is gone and its reclaim
 * policy is Delete. If the policy is changed to Retain before, the data is kept.
 */
export function decideVolume(volume: PersistentVolume, settings: ControllerSettings): VolumeDecision {
  const { metadata, spec, status } = volume
  if (!isProvisionedByUs(volume, settings)) return NOTHING
  const isBeingDeleted = metadata.deletionTimestamp !== undefined
  const hasOurFinalizer = hasFinalizer(volume, VOLUME_FINALIZER)
  if (isBeingDeleted && !hasOurFinalizer) return NOTHING
  if (spec.persistentVolumeReclaimPolicy !== 'Delete')
    return isBeingDeleted ? { do: 'remove finalizer' } : NOTHING
  if (!WITHOUT_CLAIM.includes(status?.phase ?? '')) return NOTHING
  return deleting(volume)
}

/** The parameters recorded when the volume was created. @throws CephflexError EBADVOLUME if missing or invalid. */
export function annotatedParameters({ metadata }: PersistentVolume): Parameters {
  const annotation = metadata.annotations?.[PARAMETERS_ANNOTATION]
  if (annotation === undefined)
    throw new CephflexError('EBADVOLUME', `${metadata.name} does not record where its data is`, {
      hint: `another provisioner created it: add the annotation ${PARAMETERS_ANNOTATION} with the parameters of its StorageClass as JSON`,
    })
  let raw: unknown
  try {
    raw = JSON.parse(annotation)
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
