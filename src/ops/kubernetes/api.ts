import { ApiError, isConflict, isNotFound } from '../../core/kubernetes/api-error.js'
import { type Claim, hasFinalizer, type KubeObject, pathOf } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'

/** More conflicts in a row than this mean that another controller is fighting this one. */
const MAX_TRIES = 8

export function claimPath({ metadata: { namespace = '', name } }: Claim): string {
  return pathOf.claim(namespace, name)
}

/**
 * Adds a finalizer to an object that has not changed since it was read. The API
 * refuses this if the object was deleted, was changed or is being deleted.
 *
 * @returns the updated object.
 * @throws ApiError, also for these; a conflict if it was deleted or changed.
 */
export async function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  path: string,
  object: T,
  finalizer: string,
): Promise<T> {
  if (hasFinalizer(object, finalizer)) return object
  const finalizers = [...(object.metadata.finalizers ?? []), finalizer]
  return patchFinalizers(client, path, object, finalizers).catch((error: unknown) => {
    if (isNotFound(error)) throw new ApiError(409, 'Conflict', `${path} was deleted in the meantime`)
    throw error
  })
}

/**
 * Removes a finalizer from an object. Does nothing if the object does not have
 * it, or no longer exists.
 *
 * @throws ApiError; a conflict if the object changes before every try.
 */
export async function removeFinalizer<T extends KubeObject>(
  client: KubeClient,
  path: string,
  object: T,
  finalizer: string,
): Promise<void> {
  const without = ({ metadata }: KubeObject) => (metadata.finalizers ?? []).filter(each => each !== finalizer)
  let current: T | undefined = object
  for (let tries = 1; tries < MAX_TRIES; tries += 1) {
    if (
      current === undefined ||
      current.metadata.uid !== object.metadata.uid ||
      !hasFinalizer(current, finalizer)
    )
      return
    if (await tryPatchFinalizers(client, path, current, without(current))) return
    current = await find<T>(client, path)
  }
  if (current !== undefined) await patchFinalizers(client, path, current, without(current))
}

/** The object, or undefined if there is none. */
export function find<T>(
  client: KubeClient,
  path: string,
  options: { timeoutMs?: number } = {},
): Promise<T | undefined> {
  return client.get<T>(path, options).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
}

/** @returns false if the object has changed since it was read. */
async function tryPatchFinalizers<T extends KubeObject>(
  client: KubeClient,
  path: string,
  object: T,
  finalizers: string[],
): Promise<boolean> {
  try {
    await patchFinalizers(client, path, object, finalizers)
    return true
  } catch (error) {
    if (isNotFound(error)) return true
    if (isConflict(error)) return false
    throw error
  }
}

function patchFinalizers<T extends KubeObject>(
  client: KubeClient,
  path: string,
  object: T,
  finalizers: string[],
) {
  return client.patch<T>(path, {
    metadata: { uid: object.metadata.uid, resourceVersion: object.metadata.resourceVersion, finalizers },
  })
}
