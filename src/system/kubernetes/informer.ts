import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, isExpired, refusedRequest } from '../../core/kubernetes/api-error.js'
import { backoffMs } from '../../core/kubernetes/backoff.js'
import { type KubeObject, objectKey } from '../../core/kubernetes/objects.js'
import type { KubeClient } from './client.js'

/** Objects of one page: an API server holds each whole. */
const PAGE = 500
/** A watch is begun anew after about this long, so that one that hangs is never kept for good. */
const WATCH_S = 240
/** Beyond its end, before a silent watch is given up. */
const GRACE_MS = 15_000
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000

type WatchEvent = { type: string; object: KubeObject & { code?: number; message?: string } }

/** A copy of all objects of one kind, kept up to date. */
export type Informer<T extends KubeObject> = {
  get: (key: string) => T | undefined
  all: () => T[]
  /** Whether everything was listed once. */
  isSynced: () => boolean
  /** Runs until the signal is aborted; never rejects. */
  run: (signal: AbortSignal) => Promise<void>
}

type Options<T> = {
  path: string
  /** Hears of every object that was made, changed or deleted, after the copy is changed. */
  onChange: (key: string, object: T, isDeleted: boolean) => void
  /** Hears why a list or watch failed; it is tried again. */
  onProblem: (error: Error) => void
}

/**
 * Lists the objects of a kind, then watches them: from the version of the list,
 * with bookmarks, going on after each break from the last version that was
 * seen, and listing anew when the server no longer has that one (410).
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
      // also after a line that is no event: what it would have said is listed instead
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

/** The objects that are known; says what changed. */
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
  /** Makes it the same as a list. */
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

/** What nobody here reads, and what makes up half of an object. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  delete (object.metadata as { managedFields?: unknown }).managedFields
  return object
}

/** Tries again and again until the signal is aborted, after longer and longer pauses. */
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
