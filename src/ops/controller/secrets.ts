import { isSecretOf } from '../../core/controller/make-objects.js'
import { CephflexError } from '../../core/errors.js'
import { isConflict, isNotFound } from '../../core/kubernetes/api-error.js'
import { type KubeSecret, pathOf } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { find } from '../kubernetes/api.js'

/**
 * Creates the Secret of a volume, or of all volumes of a Kubernetes namespace, if it is missing. Corrects the key of an
 * existing one, as the user may have been created again.
 *
 * @param owner see `secretOwner`.
 * @param options `isShared`: it probably exists, so it is read first.
 * @throws CephflexError ENOTOURS if a Secret of this name does not belong to this owner.
 */
export async function ensureSecret(
  client: KubeClient,
  owner: string,
  secret: KubeSecret,
  { isShared = false } = {},
): Promise<void> {
  const { name, namespace = '' } = secret.metadata
  const path = pathOf.secret(namespace, name)
  const old = (isShared && (await find<KubeSecret>(client, path))) || (await create(client, path, secret))
  if (old === undefined) return
  if (!isSecretOf(old, owner) || old.type !== secret.type)
    throw new CephflexError(
      'ENOTOURS',
      `the Secret ${namespace}/${name} already exists and does not belong to ${owner}`,
      {
        hint: `inspect it with "kubectl --namespace ${namespace} get secret ${name} --output yaml", and delete it if it is not needed`,
      },
    )
  if (old.data?.['key'] !== secret.data?.['key'])
    await client.patch(path, { metadata: { uid: old.metadata.uid }, data: secret.data })
}

/** @returns the existing one, if there is one. */
async function create(client: KubeClient, path: string, secret: KubeSecret): Promise<KubeSecret | undefined> {
  try {
    await client.create(pathOf.secret(secret.metadata.namespace ?? ''), secret)
    return undefined
  } catch (error) {
    if (!isConflict(error)) throw error
  }
  return client.get<KubeSecret>(path)
}

/** Deletes the Secret of an owner. Leaves a Secret alone that does not belong to it. */
export async function removeSecret(
  client: KubeClient,
  owner: string,
  { namespace, name }: { namespace: string; name: string },
): Promise<void> {
  const path = pathOf.secret(namespace, name)
  const secret = await find<KubeSecret>(client, path)
  if (secret === undefined || !isSecretOf(secret, owner)) return
  await client.remove(path, secret.metadata.uid).catch((error: unknown) => {
    if (!isNotFound(error) && !isConflict(error)) throw error
  })
}
