import type { IncomingMessage } from 'node:http'
import { ApiError, refusedRequest } from '../../core/kubernetes/api-error.js'
import type { ApiAccess } from '../../core/kubernetes/kubeconfig.js'
import { type HttpRequest, type Query, type Transport, transport } from './transport.js'

/** The API server's own default for requests other than a watch (kube-apiserver --request-timeout). */
const TIMEOUT_MS = 60_000
/** Larger than any object or page of a list. A watch is read line by line instead. */
const MAX_BYTES = 64 * 1024 * 1024

type CallOptions = { query?: Query; timeoutMs?: number; signal?: AbortSignal | undefined }

export type KubeClient = {
  /** The namespace of the ServiceAccount or of the kubeconfig. */
  namespace: string
  /** @throws ApiError, as all of these; its `status` is 0 if the server was not reached. */
  get: <T>(path: string, options?: CallOptions) => Promise<T>
  create: <T>(path: string, body: object, options?: CallOptions) => Promise<T>
  /** Replaces an object as a whole. */
  replace: <T>(path: string, body: object, options?: CallOptions) => Promise<T>
  /** A merge patch. With `metadata.resourceVersion`, it applies to that version only. */
  patch: <T>(path: string, body: object, options?: CallOptions) => Promise<T>
  /** @param uid deletes only the object with this uid, not a newer one with the same name. */
  remove: (path: string, uid?: string, options?: CallOptions) => Promise<void>
  /** Reads an answer line by line until it ends, `signal` is aborted, or no data arrives for `idleMs`. */
  lines: (
    path: string,
    onLine: (line: string) => void,
    options: CallOptions & { idleMs: number },
  ) => Promise<void>
  close: () => void
}

/**
 * A client of the Kubernetes API: JSON and merge patches. The official client
 * was measured first: it would add 32 packages and 1.7 MB to the bundle, for
 * seven paths of the API.
 */
export function kubeClient(access: ApiAccess): KubeClient {
  const net = transport(access)
  const call =
    (method: string, contentType?: string) =>
    <T>(path: string, body?: object, { timeoutMs, ...options }: CallOptions = {}): Promise<T> =>
      ask(net, { ...options, method, path, body, contentType }, timeoutMs) as Promise<T>
  const remove = call('DELETE')
  return {
    namespace: access.namespace,
    get: (path, options) => call('GET')(path, undefined, options),
    create: call('POST'),
    replace: call('PUT'),
    patch: call('PATCH', 'application/merge-patch+json'),
    remove: async (path, uid, options) => {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...(uid && { preconditions: { uid } }) }
      await remove(path, body, options)
    },
    lines: (path, onLine, { idleMs, query, signal }) =>
      readLines(net, { method: 'GET', path, query, signal }, onLine, idleMs),
    close: net.close,
  }
}

async function ask(net: Transport, call: HttpRequest, limitMs = TIMEOUT_MS): Promise<unknown> {
  const what = `${call.method} ${call.path}`
  const { status, text } = await readAnswer(net, call, limitMs)
  if (status === 401) net.refresh()
  if (status < 200 || status > 299) throw refusedRequest(what, status, text)
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(status, '', `${what}: the answer is not JSON`)
  }
}

type Answer = { status: number; text: string }

async function readAnswer(net: Transport, call: HttpRequest, limitMs: number): Promise<Answer> {
  const limit = AbortSignal.timeout(Math.ceil(limitMs))
  const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit
  try {
    const answer = await net.open({ ...call, signal }, limitMs)
    return { status: answer.statusCode ?? 0, text: await textOf(answer) }
  } catch (error) {
    call.signal?.throwIfAborted()
    throw error instanceof ApiError ? error : net.unreached(call, error as Error)
  }
}

async function readLines(
  net: Transport,
  call: HttpRequest,
  onLine: (line: string) => void,
  idleMs: number,
): Promise<void> {
  const answer = await net.open(call, idleMs)
  const { statusCode = 0 } = answer
  if (statusCode === 401) net.refresh()
  if (statusCode !== 200)
    throw refusedRequest(`${call.method} ${call.path}`, statusCode, await textOf(answer))
  try {
    await feedLines(answer, onLine)
  } catch (error) {
    call.signal?.throwIfAborted()
    throw error instanceof ApiError || error instanceof SyntaxError
      ? error
      : net.unreached(call, error as Error)
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Passes each complete line of a stream to a function. */
async function feedLines(answer: IncomingMessage, onLine: (line: string) => void): Promise<void> {
  let rest = ''
  answer.setEncoding('utf8')
  for await (const chunk of answer as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter(Boolean)) onLine(line)
  }
}
