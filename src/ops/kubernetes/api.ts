import { isConflict, isNotFound } from '../../core/kubernetes/api-error.js'
import { type Claim, hasFinalizer, type KubeObject, pathOf } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'

/** Somebody who changes an object more often than this between reading and writing is a loop. */
const MOST_TRIES = 8

export function claimPath({ metadata: { namespace = '', name } }: Claim): string {
  return pathOf.claim(namespace, name)
}

/**
 * Puts a finalizer on an object, if it is still as it was read: the API refuses
 * this for one that is gone, was changed, or is being deleted.
 *
 * @returns the object as it is now.
 */
export async function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  path: string,
  object: T,
  finalizer: string,
): Promise<T> {
  if (hasFinalizer(object, finalizer)) return object
  return patchFinalizers(client, path, object, [...(object.metadata.finalizers ?? []), finalizer])
}

/**
 * Takes a finalizer off an object; nothing happens if it has none, or is gone.
 *
 * @throws ApiError; a conflict if others change the object all the time.
 */
export async function removeFinalizer<T extends KubeObject>(
  client: KubeClient,
  path: string,
  object: T,
  finalizer: string,
): Promise<void> {
  const without = ({ metadata }: KubeObject) => (metadata.finalizers ?? []).filter(each => each !== finalizer)
  let now: T | undefined = object
  for (let tries = 1; tries < MOST_TRIES; tries += 1) {
    if (now === undefined || now.metadata.uid !== object.metadata.uid || !hasFinalizer(now, finalizer)) return
    if (await tryPatchFinalizers(client, path, now, without(now))) return
    now = await find<T>(client, path)
  }
  if (now !== undefined) await patchFinalizers(client, path, now, without(now))
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

/** @returns false if the object was changed meanwhile. */
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
