import { secretRefOf } from '../../core/controller/make-objects.js'
import { CLAIM_FINALIZER, VOLUME_FINALIZER } from '../../core/kubernetes/annotations.js'
import { isConflict, isNotFound } from '../../core/kubernetes/api-error.js'
import { type Claim, type PersistentVolume, pathOf } from '../../core/kubernetes/objects.js'
import { volumeNames } from '../../core/provision/names.js'
import type { Parameters } from '../../core/provision/parameters.js'
import { claimPath, removeFinalizer } from '../kubernetes/api.js'
import { deleteVolume } from '../provision/volumes.js'
import type { ReconcileContext } from './context.js'
import { claimInNames } from './provision.js'
import { removeSecret } from './secrets.js'

/**
 * Deletes what was created for a claim that was deleted before its
 * PersistentVolume existed, then removes the claim's finalizer. No pod has ever
 * seen the volume, so nothing is kept, whatever `onDelete` says.
 */
export async function undoProvision(
  { client, sessions, settings }: ReconcileContext,
  claim: Claim,
  { pv, parameters }: { pv: string; parameters: Parameters },
  signal: AbortSignal,
): Promise<void> {
  const namedAfter = claimInNames(parameters, claim.metadata)
  const user = await sessions.use(parameters, 'remove', async ({ provisioner }) => {
    // the names are known, so a missing volume needs no search
    const names = volumeNames(pv, provisioner.cluster.backend, namedAfter)
    await deleteVolume(provisioner, pv, { names, onDelete: 'delete', signal })
    return names.user
  })
  await removeSecret(client, pv, secretRefOf(claim, user, settings))
  await removeFinalizer(client, claimPath(claim), claim, CLAIM_FINALIZER)
}

/**
 * Deletes a volume that has no claim any more: data and user, then the Secret,
 * last the PersistentVolume, so that an interrupted deletion is found again.
 */
export async function deleteProvisioned(
  { client, sessions }: ReconcileContext,
  object: PersistentVolume,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<void> {
  const { name, uid } = object.metadata
  const { claimRef = {}, flexVolume, cephfs } = object.spec
  const { onDelete } = parameters
  const claim = claimInNames(parameters, claimRef)
  await sessions.use(parameters, 'remove', ({ provisioner }) =>
    deleteVolume(provisioner, name, { onDelete, claim, signal }),
  )
  // imported volumes of the old provisioner are in-tree volumes
  const secret = (flexVolume ?? cephfs)?.secretRef
  const namespace = secret?.namespace ?? claimRef.namespace
  if (secret && namespace) await removeSecret(client, name, { namespace, name: secret.name })
  const path = pathOf.volume(name)
  await removeFinalizer(client, path, object, VOLUME_FINALIZER)
  await client.remove(path, uid, { signal }).catch((error: unknown) => {
    if (!isNotFound(error) && !isConflict(error)) throw error
  })
}
