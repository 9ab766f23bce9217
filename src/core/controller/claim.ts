import { DriverError } from '../errors.js'
import type { Claim, PersistentVolume, StorageClass } from '../kubernetes/objects.js'
import { checkVolumeName } from '../provision/names.js'
import { type Parameters, parseParameters } from '../provision/parameters.js'
import { parseQuantity } from '../provision/quantity.js'
import { shown } from '../text/printable.js'

const CLASS_NOTE = 'volume.beta.kubernetes.io/storage-class'

/** The volume that a claim asks for, checked. */
export type Wanted = {
  pv: string
  sizeBytes: bigint
  readOnly: boolean
  parameters: Parameters
}

/** The PersistentVolume of a claim is named after the claim's uid: the same whoever makes it, however often. */
export const volumeNameFor = ({ metadata: { uid = '' } }: Claim): string => `pvc-${uid}`

export const classNameOf = ({ metadata, spec }: Claim): string =>
  metadata.annotations?.[CLASS_NOTE] ?? spec.storageClassName ?? ''

/** The error for a claim or class that asks for what cannot be. */
export const badClaim = (message: string, hint?: string) =>
  new DriverError('EBADVOLUME', message, hint ? { hint } : {})

const MODES = ['ReadWriteMany', 'ReadWriteOnce', 'ReadOnlyMany']

const checkClaim = ({ spec }: Claim, { allowedTopologies = [] }: StorageClass): void => {
  const { accessModes = [], selector, volumeMode = 'Filesystem', dataSource, dataSourceRef } = spec
  if (selector !== undefined)
    throw badClaim(
      'a claim with a selector gets no new volume: nothing says what labels it would have',
      'remove spec.selector, or make a PersistentVolume with these labels',
    )
  if (volumeMode !== 'Filesystem')
    throw badClaim(`volumeMode ${shown(volumeMode)} cannot be had: CephFS is a file system`)
  const other = accessModes.find(mode => !MODES.includes(mode))
  if (other !== undefined)
    throw badClaim(`access mode ${shown(other)} cannot be had`, `ask for one of ${MODES.join(', ')}`)
  if (dataSource !== undefined || dataSourceRef !== undefined)
    throw badClaim('a volume cannot be made from a snapshot or another claim', 'remove spec.dataSource')
  if (allowedTopologies.length > 0)
    throw badClaim(
      'allowedTopologies cannot be had: every node reaches CephFS',
      'remove it from the StorageClass',
    )
}

/** What a claim asks for. @throws DriverError EBADVOLUME if it cannot be had. */
export const wantedOf = (claim: Claim, storageClass: StorageClass): Wanted => {
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

/** Whether a PersistentVolume of the right name is this claim's, or somebody's who only took the name. */
export const isVolumeOf = ({ spec }: PersistentVolume, { metadata }: Claim): boolean =>
  spec.claimRef?.uid === metadata.uid

/** The error for a PersistentVolume that has the name of a claim's, and is another one's. */
export const takenName = (name: string): DriverError =>
  new DriverError('ENOTOURS', `the PersistentVolume ${name} exists already, for another claim`, {
    hint: `look at it with "kubectl get pv ${name} --output yaml"`,
  })
