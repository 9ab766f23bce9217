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

export function classNameOf({ metadata, spec }: Claim): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? ''
}

/** What a claim asks for. @throws CephflexError EBADVOLUME if it cannot be had. */
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

/** The PersistentVolume of a claim is named after the claim's uid: the same whoever makes it, however often. */
export function volumeNameFor({ metadata: { uid = '' } }: Claim): string {
  return `pvc-${uid}`
}

/** The error for a claim or class that asks for what cannot be. */
export function badClaim(message: string, hint?: string) {
  return new CephflexError('EBADVOLUME', message, hint ? { hint } : {})
}

/** Whether a PersistentVolume of the right name is this claim's, or somebody's who only took the name. */
export function isVolumeOf({ spec }: PersistentVolume, { metadata }: Claim): boolean {
  return spec.claimRef?.uid === metadata.uid
}

/** The error for a PersistentVolume that has the name of a claim's, and is another one's. */
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
