import { CephflexError } from '../errors.js'
import { printable } from '../text/printable.js'
import { isQuotaFor } from './quantity.js'
import { tenantAt } from './tenant.js'
import type { VolumeFacts, VolumeRequest } from './volume.js'

/**
 * Refuses a directory or user that does not belong to the requested volume.
 *
 * @throws CephflexError ENOTOURS.
 */
export function checkOwner(request: Pick<VolumeRequest, 'pv' | 'names'>, facts: VolumeFacts): void {
  const { volume, cluster, user, intended, inside } = facts
  const path = `${cluster.claimRoot}/${request.names.share}`
  if (inside !== undefined)
    throw new CephflexError('ENOTOURS', `${path} would be in another volume: ${inside} is marked as one`)
  if (volume.kind === 'foreign' && intended === undefined) throw foreign(path)
  const owner = volume.kind === 'ours' ? volume.marker : intended
  if (owner !== undefined && owner.pv !== request.pv)
    throw new CephflexError('ENOTOURS', `${path} belongs to the volume ${printable(owner.pv)}`)
  if (owner?.kept)
    throw new CephflexError(
      'ENOTOURS',
      `${path} contains data that was kept (${owner.kept}) when its volume was deleted`,
    )
  if (user.kind === 'present' && !isOurs(facts) && !tenantAt(request.names.share))
    throw foreign(`client.${request.names.user}`)
}

/**
 * Refuses a volume that already exists with another size or access.
 *
 * @throws CephflexError ENOTOURS.
 */
export function checkSame(
  request: VolumeRequest,
  volume: Extract<VolumeFacts['volume'], { kind: 'ours' }>,
): void {
  if (!isQuotaFor(volume.sizeBytes, request.sizeBytes))
    throw new CephflexError(
      'ENOTOURS',
      `the volume already exists with ${volume.sizeBytes} bytes, not ${request.sizeBytes}`,
      {
        hint: 'grow it with "cephflex volume expand", or choose another name',
      },
    )
  if (volume.marker.readOnly !== request.readOnly)
    throw new CephflexError(
      'ENOTOURS',
      `the volume already exists, but is ${volume.marker.readOnly ? 'read-only' : 'read-write'}`,
    )
}

function foreign(what: string): CephflexError {
  return new CephflexError(
    'ENOTOURS',
    `${what} already exists, and this program did not create it for this volume`,
  )
}

function isOurs({ volume, intended }: VolumeFacts): boolean {
  return volume.kind === 'ours' || intended !== undefined
}
