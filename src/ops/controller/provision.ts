import { isVolumeOf, takenName, type Wanted } from '../../core/controller/claim.js'
import { secretFor, secretPlace, volumeFor } from '../../core/controller/make-objects.js'
import { CLAIM_FINALIZER } from '../../core/controller/settings.js'
import { DriverError } from '../../core/errors.js'
import { isConflict } from '../../core/kubernetes/api-error.js'
import {
  type Claim,
  type PersistentVolume,
  pathOf,
  RESOURCES,
  type StorageClass,
} from '../../core/kubernetes/objects.js'
import { type Claim as ClaimName, volumeNames } from '../../core/provision/names.js'
import type { Parameters } from '../../core/provision/parameters.js'
import { formatQuantity } from '../../core/provision/quantity.js'
import { claimPath, hold, letGo } from '../kubernetes/api.js'
import { keyOf } from '../provision/look.js'
import { createVolume } from '../provision/volumes.js'
import type { Context } from './context.js'
import { ensureSecret } from './secrets.js'
import type { Opened } from './sessions.js'

const KIND = 'PersistentVolumeClaim'

/** The claim that a volume is named after, if it is. */
export const namedAfter = (
  { deterministicNames }: Parameters,
  { namespace = '', name = '' }: { namespace?: string; name?: string },
): ClaimName | undefined => (deterministicNames ? { namespace, name } : undefined)

const make = async (
  { provisioner, access }: Opened,
  { pv, sizeBytes, readOnly, parameters }: Wanted,
  claim: Claim,
  signal: AbortSignal,
) => {
  const names = volumeNames(pv, provisioner.cluster.backend, namedAfter(parameters, claim.metadata))
  const { pool, mode } = parameters
  const request = { pv, names, sizeBytes, readOnly, pool, mode }
  const { volume, key } = await createVolume(provisioner, request, { signal })
  if (volume === undefined) throw new DriverError('EPROVISION', `the volume ${pv} is gone again`)
  // a user that was there already, from a try that was ended, is asked for
  return { volume, key: key ?? (await keyOf(provisioner, volume.user)), monitors: access.monitors }
}

const publish = async (
  { client }: Context,
  claim: Claim,
  volume: PersistentVolume,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await client.create(RESOURCES.volumes, volume, { signal })
    return
  } catch (error) {
    if (!isConflict(error)) throw error
  }
  const { name } = volume.metadata
  if (isVolumeOf(await client.get<PersistentVolume>(pathOf.volume(name)), claim)) return
  throw takenName(name)
}

/**
 * Makes what a claim asks for: volume and user, then the Secret, then the
 * PersistentVolume. All names follow from the claim's uid, and each step finds
 * what is there already, so that it can be ended anywhere and done again. From
 * before the first step until after the last a finalizer holds the claim: if
 * it is deleted in between, `undo` finds it, and by it all that was made.
 *
 * @throws DriverError what sessions, volumes and the API throw.
 */
export const provision = async (
  context: Context,
  claim: Claim,
  { wanted, storageClass }: { wanted: Wanted; storageClass: StorageClass },
  signal: AbortSignal,
): Promise<void> => {
  const { client, sessions, settings, tell } = context
  const path = claimPath(claim)
  const { parameters, pv, sizeBytes } = wanted
  const message = `making ${formatQuantity(sizeBytes)} as ${pv}`
  tell(claim, KIND, { type: 'Normal', reason: 'Provisioning', message })
  const { held, volume, key, monitors } = await sessions.use(parameters, 'make', async opened => {
    // not before the cluster has let us in: else a claim of a class that is wrong could not be deleted
    const held = await hold(client, path, claim, CLAIM_FINALIZER)
    return { held, ...(await make(opened, wanted, claim, signal)) }
  })
  const place = secretPlace(claim, volume.user, settings)
  await ensureSecret(client, pv, secretFor(volume, key, place, settings))
  const object = volumeFor(volume, { claim: held, storageClass, parameters, monitors }, settings)
  await publish(context, held, object, signal)
  await letGo(client, path, held, CLAIM_FINALIZER)
  tell(claim, KIND, {
    type: 'Normal',
    reason: 'ProvisioningSucceeded',
    message: `made ${pv}: ${volume.path}, for client.${volume.user}`,
  })
}
