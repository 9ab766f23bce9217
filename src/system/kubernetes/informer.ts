import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, isExpired, refusedRequest } from '../../core/kubernetes/api-error.js'
import { backoffMs } from '../../core/kubernetes/backoff.js'
import { type KubeObject, objectKey } from '../../core/kubernetes/objects.js'
import type { KubeClient } from './client.js'

/** Objects per page: the API server keeps a whole page in memory. */
const PAGE = 500
/** A watch is restarted after about this long, so that one that hangs does not stay forever. */
const WATCH_S = 240
/** How long after its end a silent watch is given up. */
const GRACE_MS = 15_000
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000

type WatchEvent = { type: string; object: KubeObject & { code?: number; message?: string } }

/** A copy of all objects of one kind, kept up to date. */
export type Informer<T extends KubeObject> = {
  get: (key: string) => T | undefined
  all: () => T[]
  /** Whether the first list is complete. */
  isSynced: () => boolean
  /** Runs until the signal is aborted; never rejects. */
  run: (signal: AbortSignal) => Promise<void>
}

type Options<T> = {
  path: string
  /** Called for every object that was created, changed or deleted, once the copy has the change. */
  onChange: (key: string, object: T, isDeleted: boolean) => void
  /** Called with the reason when a list or watch fails; it is tried again. */
  onProblem: (error: Error) => void
}

/**
 * Lists the objects of a kind, then watches them with bookmarks from the version
 * of the list. After an interruption it continues from the last version seen, and
 * lists again if the server no longer has that version (410).
 */
export function informer<T extends KubeObject>(
  client: KubeClient,
  { path, onChange, onProblem }: Options<T>,
): Informer<T> {
  const store = makeStore(onChange)
  let version: string | undefined
  let isSynced = false

  const list = async (signal: AbortSignal): Promise<void> => {
    const listed = await listAll<T>(client, path, signal)
    store.replaceAll(listed.found)
    version = listed.version
    isSynced = true
  }

  const apply = ({ type, object }: WatchEvent): void => {
    if (type === 'ERROR')
      throw refusedRequest(`the watch of ${path}`, object.code ?? 0, JSON.stringify(object))
    version = object.metadata.resourceVersion ?? version
    if (type === 'DELETED') store.remove(objectKey(object))
    else if (type !== 'BOOKMARK') store.put(withoutManagedFields(object) as T)
  }

  const watch = async (signal: AbortSignal): Promise<void> => {
    const timeoutSeconds = Math.round(WATCH_S * (0.75 + Math.random() / 2))
    const query = { watch: true, allowWatchBookmarks: true, resourceVersion: version, timeoutSeconds }
    const idleMs = timeoutSeconds * 1000 + GRACE_MS
    await client.lines(path, line => apply(JSON.parse(line) as WatchEvent), { query, signal, idleMs })
  }

  const attempt = async (signal: AbortSignal): Promise<void> => {
    try {
      if (version === undefined) await list(signal)
      await watch(signal)
    } catch (error) {
      // also after an invalid line: the next list includes its change
      if (isExpired(error) || !(error instanceof ApiError)) version = undefined
      throw error
    }
  }

  return {
    get: key => store.objects.get(key),
    all: () => [...store.objects.values()],
    isSynced: () => isSynced,
    run: signal => retryUntilAborted(() => attempt(signal), onProblem, signal),
  }
}

/** Keeps the known objects and reports changes. */
function makeStore<T extends KubeObject>(onChange: Options<T>['onChange']) {
  const objects = new Map<string, T>()
  const put = (object: T) => {
    const key = objectKey(object)
    objects.set(key, object)
    onChange(key, object, false)
  }
  const remove = (key: string) => {
    const old = objects.get(key)
    if (old === undefined) return
    objects.delete(key)
    onChange(key, old, true)
  }
  /** Makes the store equal to a list. */
  const replaceAll = (found: ReadonlyMap<string, T>) => {
    for (const key of [...objects.keys()]) if (!found.has(key)) remove(key)
    for (const [key, object] of found)
      if (objects.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) put(object)
  }
  return { objects, put, remove, replaceAll }
}

type List = { metadata: { resourceVersion: string; continue?: string }; items: KubeObject[] }

/** All objects of a kind, page by page, and the version of the list. */
async function listAll<T extends KubeObject>(client: KubeClient, path: string, signal: AbortSignal) {
  const found = new Map<string, T>()
  let next: string | undefined
  let page: List
  do {
    page = await client.get<List>(path, { query: { limit: PAGE, continue: next }, signal })
    for (const item of page.items) found.set(objectKey(item), withoutManagedFields(item) as T)
    next = page.metadata.continue || undefined
  } while (next !== undefined)
  return { found, version: page.metadata.resourceVersion }
}

/** They are half of an object, and never read here. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  delete (object.metadata as { managedFields?: unknown }).managedFields
  return object
}

/** Repeats until the signal is aborted, with a growing pause after each failure. */
async function retryUntilAborted(
  attempt: () => Promise<void>,
  onProblem: (error: Error) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      await attempt()
      failures = 0
      await pause(FIRST_RETRY_MS, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!isExpired(error)) onProblem(error as Error)
      failures += 1
      await pause(Math.min(LONGEST_RETRY_MS, backoffMs(failures, Math.random(), FIRST_RETRY_MS)), signal)
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined)
}
