import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { KubeObject } from '../../src/core/kubernetes/objects.js'

const LISTED = /\/(persistentvolumeclaims|persistentvolumes|storageclasses)$/

/**
 * The part of the Kubernetes API that the controller uses, in memory, so that a
 * test can end the controller at each of its requests. No other controller acts
 * on the objects: the test makes the changes that those of Kubernetes would
 * make. The kubelet's suite uses a real API.
 *
 * @param before is called with each request before it is answered; if it returns false, the request is not answered.
 */
export async function memoryApi(t: Test, before: (method: string, path: string) => boolean = () => true) {
  const store = makeStore()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    const method = request.method ?? ''
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const path = url.pathname.replace(/\/status$/, '')
    if (!before(method, url.pathname)) response.destroy()
    else if (url.searchParams.has('watch')) watch(store, path, response)
    else {
      const { status, body } = answerOf(store, method, path, ofSubresource(method, url.pathname, text))
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const kubeconfig = `${t.testdir()}/kubeconfig`
  return { ...store, url: `http://127.0.0.1:${port}`, kubeconfig }
}

type Stored = KubeObject & Record<string, unknown>
type Reply = { status: number; body: object }

/** Objects by path, with versions, finalizers and preconditions as the real API has them. */
function makeStore() {
  const objects = new Map<string, Stored>()
  const watchers = new Set<{ kind: string; response: ServerResponse }>()
  let version = 100
  const notify = (path: string, type: string, object: Stored) => {
    const kind = kindOf(path)
    for (const watcher of watchers)
      if (watcher.kind === kind) watcher.response.write(`${JSON.stringify({ type, object })}\n`)
  }
  const put = (path: string, object: Stored): Stored => {
    version += 1
    const isNew = !objects.has(path)
    const uid = object.metadata.uid ?? `uid-${version}`
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(version) } }
    objects.set(path, stored)
    notify(path, isNew ? 'ADDED' : 'MODIFIED', stored)
    return stored
  }
  const drop = (path: string) => {
    const object = objects.get(path)
    objects.delete(path)
    if (object) notify(path, 'DELETED', object)
  }
  /** An object that is being deleted disappears with its last finalizer. */
  const change = (path: string, object: Stored): Reply => {
    const stored = put(path, object)
    const { deletionTimestamp, finalizers = [] } = stored.metadata
    if (deletionTimestamp !== undefined && finalizers.length === 0) drop(path)
    return { status: 200, body: stored }
  }
  const remove = (path: string): void => {
    const object = objects.get(path)
    if (!object) return
    if (!object.metadata.finalizers?.length) drop(path)
    else if (!object.metadata.deletionTimestamp)
      put(path, { ...object, metadata: { ...object.metadata, deletionTimestamp: new Date().toISOString() } })
  }
  return {
    objects,
    watchers,
    put,
    change,
    remove,
    version: () => String(version),
    all: (kind: string) => [...objects].filter(([path]) => kindOf(path) === kind).map(([, each]) => each),
  }
}

type Store = ReturnType<typeof makeStore>

function watch({ watchers }: Store, path: string, response: ServerResponse): void {
  const watcher = { kind: kindOf(path), response: response.writeHead(200) }
  response.flushHeaders()
  watchers.add(watcher)
  response.once('close', () => watchers.delete(watcher))
}

const METHODS: Record<string, (store: Store, path: string, body: Stored) => Reply> = {
  POST: (store, path, body) => {
    const full = `${path}/${body.metadata.name}`
    if (store.objects.has(full)) return refused(409, 'AlreadyExists')
    return { status: 201, body: store.put(full, body) }
  },
  PUT: (store, path, body) => {
    const old = store.objects.get(path)
    if (!old) return refused(404, 'NotFound')
    return isStale(old, body) ? refused(409, 'Conflict') : store.change(path, body)
  },
  PATCH: (store, path, body) => {
    const old = store.objects.get(path)
    if (!old) return refused(404, 'NotFound')
    if (isStale(old, body)) return refused(409, 'Conflict')
    return isTooLate(old, body) ? refused(422, 'Invalid') : store.change(path, merge(old, body) as Stored)
  },
  DELETE: (store, path, body) => {
    const old = store.objects.get(path)
    if (!old) return refused(404, 'NotFound')
    const { uid } = (body as { preconditions?: { uid?: string } }).preconditions ?? {}
    if (uid !== undefined && uid !== old.metadata.uid) return refused(409, 'Conflict')
    store.remove(path)
    return { status: 200, body: old }
  },
  GET: (store, path) => {
    const object = store.objects.get(path)
    return object ? { status: 200, body: object } : refused(404, 'NotFound')
  },
}

function answerOf(store: Store, method: string, path: string, text: string): Reply {
  if (method !== 'GET' || !LISTED.test(path))
    return METHODS[method]?.(store, path, JSON.parse(text || '{}') as Stored) ?? refused(405, 'no')
  const items = store.all(kindOf(path))
  return { status: 200, body: { metadata: { resourceVersion: store.version() }, items } }
}

/** A patch changes either the status or the rest, as its path names it. */
function ofSubresource(method: string, path: string, text: string): string {
  if (method !== 'PATCH') return text
  const { status, ...rest } = JSON.parse(text) as Stored
  return JSON.stringify(path.endsWith('/status') ? { metadata: rest.metadata, status } : rest)
}

function refused(status: number, reason: string): Reply {
  return {
    status,
    body: { kind: 'Status', reason, message: reason },
  }
}

function isStale(old: Stored, { metadata }: Stored): boolean {
  return (
    (metadata?.uid !== undefined && metadata.uid !== old.metadata.uid) ||
    (metadata?.resourceVersion !== undefined && metadata.resourceVersion !== old.metadata.resourceVersion)
  )
}

/** An object that is being deleted cannot get new finalizers. */
function isTooLate({ metadata }: Stored, { metadata: { finalizers = [] } = { name: '' } }: Stored): boolean {
  return (
    metadata.deletionTimestamp !== undefined && finalizers.some(each => !metadata.finalizers?.includes(each))
  )
}

/** JSON merge patch, RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result = { ...(target as Record<string, unknown>) }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = merge(result[name], value)
  }
  return result
}

/** The part of a path that names a kind: the same for all namespaces. */
function kindOf(path: string): string {
  return /([a-z]+)(?:\/[^/]+)?$/.exec(path)?.[1] ?? ''
}
