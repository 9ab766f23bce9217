import { CephflexError } from '../errors.js'
import {
  CLAIM_FINALIZER,
  PROVISIONED_BY_ANNOTATION,
  PROVISIONER_ANNOTATIONS,
  SELECTED_NODE_ANNOTATION,
} from '../kubernetes/annotations.js'
import type { Claim, PersistentVolume, StorageClass } from '../kubernetes/objects.js'
import { hasFinalizer } from '../kubernetes/objects.js'
import { type Parameters, parseParameters } from '../provision/parameters.js'
import { parseQuantity, quotaFor } from '../provision/quantity.js'
import { printable } from '../text/printable.js'
import {
  badClaim as bad,
  type ClaimRequest,
  claimRequestOf,
  classNameOf,
  isVolumeOf,
  nameTaken,
  volumeNameFor,
} from './claim.js'
import { isExpanding } from './expansion.js'
import type { ControllerSettings } from './settings.js'

/** What the controller does about a claim. */
export type ClaimDecision =
  | { do: 'nothing' }
  /** Until the claim, its class or its volume changes. */
  | { do: 'refuse'; reason: string; error: CephflexError }
  | { do: 'provision'; wanted: ClaimRequest; storageClass: StorageClass }
  /** The claim was deleted while its volume was created: delete what exists of the volume. */
  | { do: 'undo'; pv: string; parameters: Parameters }
  /** The volume exists, so the finalizer is no longer needed. */
  | { do: 'remove finalizer' }
  | { do: 'expand'; pv: string; sizeBytes: bigint }
  /** The volume has its size, and the claim still shows an expansion: Kubernetes' own controller acts beside this one. */
  | { do: 'finish expansion' }

const NOTHING: ClaimDecision = { do: 'nothing' }

export type ClaimFacts = {
  claim: Claim
  /** The class that the claim names. */
  storageClass?: StorageClass | undefined
  /** The PersistentVolume that is bound to the claim, or has the name of the one to create. */
  volume?: PersistentVolume | undefined
}

/** Decides what to do about a claim. Depends only on the objects in the API, and on no history. */
export function decideClaim(facts: ClaimFacts, settings: ControllerSettings): ClaimDecision {
  const { metadata, spec } = facts.claim
  if (metadata.deletionTimestamp !== undefined)
    return hasFinalizer(facts.claim, CLAIM_FINALIZER) ? decideAbandoned(facts, settings) : NOTHING
  return spec.volumeName ? decideNamed(facts, settings) : decidePending(facts, settings)
}

/** Whether the provisioner that created a volume is one of those of this controller. */
export function isProvisionedByUs(
  { metadata }: PersistentVolume,
  { provisioners }: ControllerSettings,
): boolean {
  return provisioners.includes(metadata.annotations?.[PROVISIONED_BY_ANNOTATION] ?? '')
}

/** A claim that names its volume. */
function decideNamed(facts: ClaimFacts, settings: ControllerSettings): ClaimDecision {
  const { claim, volume } = facts
  const hasOurFinalizer = hasFinalizer(claim, CLAIM_FINALIZER)
  // Kubernetes bound the claim to an existing volume before ours was created
  if (hasOurFinalizer && claim.spec.volumeName !== volumeNameFor(claim))
    return decideAbandoned({ ...facts, volume: undefined }, settings)
  const isOurs = volume !== undefined && isProvisionedByUs(volume, settings)
  if (claim.status?.phase === 'Bound' && isOurs) return decideBound(facts)
  return hasOurFinalizer ? { do: 'remove finalizer' } : NOTHING
}

/** A claim with our finalizer that is being deleted or is bound to another volume. */
function decideAbandoned(
  { claim, storageClass, volume }: ClaimFacts,
  settings: ControllerSettings,
): ClaimDecision {
  if (volume !== undefined && isVolumeOf(volume, claim)) return { do: 'remove finalizer' }
  return refusing('ProvisioningCleanupFailed', () => {
    if (storageClass === undefined || !isOurClass(storageClass, settings)) throw noClass(claim)
    const parameters = parseParameters(storageClass.parameters ?? {})
    return { do: 'undo', pv: volumeNameFor(claim), parameters }
  })
}

function noClass(claim: Claim) {
  return bad(
    `the StorageClass ${printable(classNameOf(claim))} was deleted or belongs to another provisioner`,
    'create the StorageClass again with the same parameters: they are needed to clean up the unfinished volume',
  )
}

function decideBound(facts: ClaimFacts): ClaimDecision {
  const { claim, volume } = facts
  if (hasFinalizer(claim, CLAIM_FINALIZER)) return { do: 'remove finalizer' }
  const requested = claim.spec.resources?.requests?.storage
  if (volume === undefined || requested === undefined) return NOTHING
  return refusing('VolumeResizeFailed', () => decideSize(facts, volume, parseQuantity(requested)))
}

function decideSize(
  { claim, storageClass }: ClaimFacts,
  volume: PersistentVolume,
  sizeBytes: bigint,
): ClaimDecision {
  const pv = volume.metadata.name
  const volumeBytes = parseQuantity(volume.spec.capacity?.['storage'] ?? '')
  if (quotaFor(sizeBytes) < volumeBytes)
    throw new CephflexError('ESHRINK', `${pv} has ${volumeBytes} bytes and cannot shrink to ${sizeBytes}`)
  if (sizeBytes > volumeBytes) {
    if (storageClass?.allowVolumeExpansion === true)
      return { do: 'expand', pv, sizeBytes: quotaFor(sizeBytes) }
    throw bad(
      `${pv} cannot grow: its StorageClass does not allow it`,
      'set allowVolumeExpansion: true in the StorageClass',
    )
  }
  const known = claim.status?.capacity?.['storage']
  const isKnown = known !== undefined && parseQuantity(known) >= sizeBytes
  if (!isKnown) return { do: 'expand', pv, sizeBytes: volumeBytes }
  return isExpanding(claim) ? { do: 'finish expansion' } : NOTHING
}

function decidePending(
  { claim, storageClass, volume }: ClaimFacts,
  settings: ControllerSettings,
): ClaimDecision {
  if (volume !== undefined && isVolumeOf(volume, claim))
    return hasFinalizer(claim, CLAIM_FINALIZER) ? { do: 'remove finalizer' } : NOTHING
  if (
    !isProvisionedHere(claim, settings) ||
    storageClass === undefined ||
    !isOurClass(storageClass, settings)
  )
    return NOTHING
  const waitsForConsumer = storageClass.volumeBindingMode === 'WaitForFirstConsumer'
  if (waitsForConsumer && !claim.metadata.annotations?.[SELECTED_NODE_ANNOTATION]) return NOTHING
  return refusing('ProvisioningFailed', () => {
    if (volume !== undefined) throw nameTaken(volume.metadata.name)
    return { do: 'provision', wanted: claimRequestOf(claim, storageClass), storageClass }
  })
}

function isProvisionedHere({ metadata }: Claim, { provisioners }: ControllerSettings): boolean {
  return PROVISIONER_ANNOTATIONS.some(name => provisioners.includes(metadata.annotations?.[name] ?? ''))
}

function isOurClass({ provisioner }: StorageClass, { provisioners }: ControllerSettings): boolean {
  return provisioners.includes(provisioner)
}

function refusing(reason: string, decide: () => ClaimDecision): ClaimDecision {
  try {
    return decide()
  } catch (error) {
    if (error instanceof CephflexError) return { do: 'refuse', reason, error }
    throw error
  }
}
