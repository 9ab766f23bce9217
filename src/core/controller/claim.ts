import { CephflexError } from '../errors.js'
import { CLASS_ANNOTATION } from '../kubernetes/annotations.js'
import type { Claim, PersistentVolume, StorageClass } from '../kubernetes/objects.js'
import { checkVolumeName } from '../provision/names.js'
import { type Parameters, parseParameters } from '../provision/parameters.js'
import { parseQuantity } from '../provision/quantity.js'
import { printable } from '../text/printable.js'

/** The volume that a claim asks for, checked. */
export type ClaimRequest = {
  pv: string
  sizeBytes: bigint
  readOnly: boolean
  parameters: Parameters
}

const MODES = ['ReadWriteMany', 'ReadWriteOnce', 'ReadOnlyMany']

/** The StorageClass of a claim; empty if it names none. */
export function classNameOf({ metadata, spec }: Claim): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? ''
}

/** The volume that a claim asks for. @throws CephflexError EBADVOLUME if it is not supported. */
export function claimRequestOf(claim: Claim, storageClass: StorageClass): ClaimRequest {
  checkClaim(claim, storageClass)
  const { accessModes = [], resources } = claim.spec
  const pv = volumeNameFor(claim)
  checkVolumeName(pv)
  return {
    pv,
    sizeBytes: parseQuantity(resources?.requests?.storage ?? ''),
    readOnly: accessModes.length > 0 && accessModes.every(mode => mode === 'ReadOnlyMany'),
    parameters: parseParameters(storageClass.parameters ?? {}),
  }
}

/** The name of the PersistentVolume of a claim, derived from the claim's uid, so that every attempt uses the same. */
export function volumeNameFor({ metadata: { uid = '' } }: Claim): string {
  return `pvc-${uid}`
}

/** EBADVOLUME: a claim or class asks for something that is not supported. */
export function badClaim(message: string, hint?: string) {
  return new CephflexError('EBADVOLUME', message, hint ? { hint } : {})
}

/** Whether a PersistentVolume with the name for a claim belongs to this claim. */
export function isVolumeOf({ spec }: PersistentVolume, { metadata }: Claim): boolean {
  return spec.claimRef?.uid === metadata.uid
}

/** ENOTOURS: the PersistentVolume with the name for a claim belongs to another claim. */
export function nameTaken(name: string): CephflexError {
  return new CephflexError('ENOTOURS', `the PersistentVolume ${name} already exists for another claim`, {
    hint: `inspect it with "kubectl get pv ${name} --output yaml"`,
  })
}

function checkClaim({ spec }: Claim, { allowedTopologies = [] }: StorageClass): void {
  const { accessModes = [], selector, volumeMode = 'Filesystem', dataSource, dataSourceRef } = spec
  if (selector !== undefined)
    throw badClaim(
      'a claim with a selector cannot be provisioned: the labels of the new volume would be unknown',
      'remove spec.selector, or create a PersistentVolume with these labels',
    )
  if (volumeMode !== 'Filesystem')
    throw badClaim(`volumeMode ${printable(volumeMode)} is not supported: CephFS is a file system`)
  const other = accessModes.find(mode => !MODES.includes(mode))
  if (other !== undefined)
    throw badClaim(`access mode ${printable(other)} is not supported`, `use one of ${MODES.join(', ')}`)
  if (dataSource !== undefined || dataSourceRef !== undefined)
    throw badClaim('a volume cannot be created from a snapshot or another claim', 'remove spec.dataSource')
  if (allowedTopologies.length > 0)
    throw badClaim(
      'allowedTopologies is not supported: every node can reach CephFS',
      'remove it from the StorageClass',
    )
}
