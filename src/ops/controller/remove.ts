import { secretOwner, secretRefOf } from '../../core/controller/make-objects.js'
import {
  CLAIM_FINALIZER,
  NAMESPACE_UID_ANNOTATION,
  VOLUME_FINALIZER,
} from '../../core/kubernetes/annotations.js'
import { isConflict, isNotFound } from '../../core/kubernetes/api-error.js'
import { type Claim, type KubeObject, type PersistentVolume, pathOf } from '../../core/kubernetes/objects.js'
import type { VolumeNames } from '../../core/provision/names.js'
import type { Parameters } from '../../core/provision/parameters.js'
import { tenantAt } from '../../core/provision/tenant.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { claimPath, find, removeFinalizer } from '../kubernetes/api.js'
import type { Provisioner } from '../provision/provisioner.js'
import { removeTenant } from '../provision/tenants.js'
import { deleteVolume } from '../provision/volumes.js'
import type { ReconcileContext } from './context.js'
import { hintsFor, namesOf, namespaceUidFor } from './names.js'
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
  const { metadata } = claim
  const namespaceUid = await namespaceUidFor(client, parameters, metadata)
  const { names, isUnused } = await sessions.use(parameters, 'remove', async ({ provisioner }) => {
    // the names are known, so a missing volume needs no search
    const names = namesOf({ pv, parameters, claim: metadata, namespaceUid }, provisioner.cluster)
    await deleteVolume(provisioner, pv, { names, onDelete: 'delete', signal })
    const owner = { name: metadata.namespace, uid: namespaceUid, except: metadata.uid }
    return { names, isUnused: await removeUnusedUser(client, provisioner, names, owner) }
  })
  if (isUnused) await removeSecret(client, secretOwner(pv, names), secretRefOf(claim, names.user, settings))
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
  const owner = { name: claimRef.namespace, uid: object.metadata.annotations?.[NAMESPACE_UID_ANNOTATION] }
  const { names, isUnused } = await sessions.use(parameters, 'remove', async ({ provisioner }) => {
    const hints = hintsFor(object, parameters, claimRef, provisioner.cluster)
    await deleteVolume(provisioner, name, { onDelete, ...hints, signal })
    return { names: hints.names, isUnused: await removeUnusedUser(client, provisioner, hints.names, owner) }
  })
  // imported volumes of the old provisioner are in-tree volumes
  const secret = (flexVolume ?? cephfs)?.secretRef
  const namespace = secret?.namespace ?? claimRef.namespace
  if (secret && namespace && isUnused)
    await removeSecret(client, names ? secretOwner(name, names) : name, { namespace, name: secret.name })
  const path = pathOf.volume(name)
  await removeFinalizer(client, path, object, VOLUME_FINALIZER)
  await client.remove(path, uid, { signal }).catch((error: unknown) => {
    if (!isNotFound(error) && !isConflict(error)) throw error
  })
}

/** A Kubernetes namespace, and the uid of one of its claims that does not count. */
type Owner = { name: string | undefined; uid: string | undefined; except?: string | undefined }

/**
 * Deletes the user of a Kubernetes namespace with its last volume, once no other can follow: while the namespace is not
 * being deleted, a volume could be created at the same time, and lose its user.
 *
 * @returns whether no volume needs the user of this one any more.
 */
async function removeUnusedUser(
  client: KubeClient,
  provisioner: Provisioner,
  names: VolumeNames | undefined,
  owner: Owner,
): Promise<boolean> {
  const tenant = names && tenantAt(names.share)
  // the user of one volume was deleted with it
  if (tenant === undefined) return true
  return (await isEnding(client, owner)) && removeTenant(provisioner, tenant)
}

/** Whether a Kubernetes namespace never gets another claim. Kubernetes refuses new ones in one that is being deleted. */
async function isEnding(client: KubeClient, { name = 'default', uid, except }: Owner): Promise<boolean> {
  const found = await find<KubeObject>(client, pathOf.namespace(name))
  if (found === undefined || found.metadata.uid !== uid) return true
  if (found.metadata.deletionTimestamp === undefined) return false
  const { items } = await client.get<{ items: Claim[] }>(pathOf.claim(name, ''))
  return items.every(({ metadata }) => metadata.uid === except)
}
