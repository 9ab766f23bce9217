import { type ClaimRequest, isVolumeOf, nameTaken } from '../../core/controller/claim.js'
import { secretFor, secretOwner, secretRefOf, volumeFor } from '../../core/controller/make-objects.js'
import { CephflexError } from '../../core/errors.js'
import { CLAIM_FINALIZER } from '../../core/kubernetes/annotations.js'
import { isConflict } from '../../core/kubernetes/api-error.js'
import {
  type Claim,
  objectKey,
  type PersistentVolume,
  pathOf,
  RESOURCES,
  type StorageClass,
} from '../../core/kubernetes/objects.js'
import type { VolumeNames } from '../../core/provision/names.js'
import { formatQuantity } from '../../core/provision/quantity.js'
import { addFinalizer, claimPath, removeFinalizer } from '../kubernetes/api.js'
import { readVolumeKey } from '../provision/users.js'
import { createVolume } from '../provision/volumes.js'
import type { ReconcileContext } from './context.js'
import { namesOf, namespaceUidFor } from './names.js'
import { ensureSecret } from './secrets.js'
import type { OpenSession } from './sessions.js'

const KIND = 'PersistentVolumeClaim'

/**
 * Creates what a claim asks for: volume and user, then the Secret, then the
 * PersistentVolume. All names follow from the claim's uid and each step is
 * idempotent, so that it can be interrupted anywhere and repeated. A finalizer
 * stays on the claim from the first step to the last: if the claim is deleted
 * in between, `undo` finds it, and with it everything that was created.
 *
 * @throws CephflexError what sessions, volumes and the API throw.
 */
export async function provision(
  context: ReconcileContext,
  claim: Claim,
  { wanted, storageClass }: { wanted: ClaimRequest; storageClass: StorageClass },
  signal: AbortSignal,
): Promise<void> {
  const { client, sessions, settings, recordEvent, announce, outdated } = context
  const path = claimPath(claim)
  const { parameters, pv, sizeBytes } = wanted
  const message = `creating volume ${pv} with ${formatQuantity(sizeBytes)}`
  const ready = announce(claim, KIND, { type: 'Normal', reason: 'Provisioning', message })
  const create = async (session: OpenSession) => {
    // only after the cluster accepted the session: else a claim of a wrong class could not be deleted
    const updatedClaim = await addFinalizer(client, path, claim, CLAIM_FINALIZER)
    const namespaceUid = await namespaceUidFor(client, parameters, claim.metadata)
    const names = namesOf(
      { pv, parameters, claim: claim.metadata, namespaceUid },
      session.provisioner.cluster,
    )
    return { updatedClaim, namespaceUid, names, ...(await makeVolume(session, wanted, names, signal)) }
  }
  const made = await sessions.use(parameters, 'make', create).finally(ready)
  const { updatedClaim, names, volume, key, ...more } = made
  const place = { ...secretRefOf(claim, volume.user, settings), names }
  const isShared = more.namespaceUid !== undefined
  await ensureSecret(client, secretOwner(pv, names), secretFor(volume, key, place, settings), { isShared })
  const object = volumeFor(volume, { claim: updatedClaim, storageClass, parameters, ...more }, settings)
  await publish(context, updatedClaim, object, signal)
  await removeFinalizer(client, path, updatedClaim, CLAIM_FINALIZER)
  const versions = [claim, updatedClaim].map(({ metadata }) => metadata.resourceVersion)
  outdated.set(objectKey(claim), versions)
  recordEvent(claim, KIND, {
    type: 'Normal',
    reason: 'ProvisioningSucceeded',
    message: `created volume ${pv} in ${volume.path} for client.${volume.user}`,
  })
}

async function makeVolume(
  { provisioner, access }: OpenSession,
  { pv, sizeBytes, readOnly, parameters }: ClaimRequest,
  names: VolumeNames,
  signal: AbortSignal,
) {
  const { pool, mode, onDelete } = parameters
  const request = { pv, names, sizeBytes, readOnly, pool, mode, onDelete }
  const { volume, key } = await createVolume(provisioner, request, { signal })
  if (volume === undefined)
    throw new CephflexError('EPROVISION', `the volume ${pv} disappeared while it was being created`)
  // an earlier, interrupted try may have created the user
  return { volume, key: key ?? (await readVolumeKey(provisioner, volume)), monitors: access.monitors }
}

async function publish(
  { client }: ReconcileContext,
  claim: Claim,
  volume: PersistentVolume,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.create(RESOURCES.volumes, volume, { signal })
    return
  } catch (error) {
    if (!isConflict(error)) throw error
  }
  const { name } = volume.metadata
  if (isVolumeOf(await client.get<PersistentVolume>(pathOf.volume(name)), claim)) return
  throw nameTaken(name)
}
