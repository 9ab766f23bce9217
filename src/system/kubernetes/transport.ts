import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { ApiError } from '../../core/kubernetes/api-error.js'
import type { ApiAccess } from '../../core/kubernetes/kubeconfig.js'
import { VERSION } from '../../core/version.js'
import { credentials } from './credentials.js'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export type HttpRequest = {
  method: string
  path: string
  query?: Query | undefined
  body?: object | undefined
  contentType?: string | undefined
  signal?: AbortSignal | undefined
}

export type Transport = {
  /**
   * Sends a request. @returns the answer with any status; its body is not read yet.
   * @throws ApiError with status 0; the reason of `signal`.
   */
  open: (call: HttpRequest, idleMs: number) => Promise<IncomingMessage>
  /** The error for an answer that was cut off. */
  unreached: (call: HttpRequest, error: Error & { code?: string }) => ApiError
  /** Reads the credentials again before the next request. */
  refresh: () => void
  close: () => void
}

/** HTTP/1.1 to an API server, over persistent connections. */
export function transport(access: ApiAccess): Transport {
  const known = credentials(access)
  const base = new URL(access.server)
  const prefix = base.pathname === '/' ? '' : base.pathname
  const send = base.protocol === 'https:' ? httpsRequest : httpRequest

  const unreached: Transport['unreached'] = ({ method, path }, error) => {
    const why = error.code ?? error.message
    return new ApiError(0, error.code ?? '', `${method} ${path}: ${access.server} did not answer: ${why}`)
  }

  const sendOnce = (call: HttpRequest, idleMs: number): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { agent, headers } = known.current()
      const body = call.body === undefined ? undefined : JSON.stringify(call.body)
      const options: RequestOptions = {
        protocol: base.protocol,
        hostname: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port,
        path: withQuery(prefix + call.path, call.query),
        method: call.method,
        agent,
        timeout: idleMs,
        headers: { ...headersOf(body, call.contentType), ...headers },
        ...(call.signal && { signal: call.signal }),
      }
      const request = send(options, resolve)
      request.on('timeout', () => request.destroy(new Error(`no data for ${idleMs / 1000} s`)))
      request.on('error', (error: Error & { code?: string }) =>
        reject(request.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection() : error),
      )
      request.end(body)
    })

  const open: Transport['open'] = async (call, idleMs) => {
    try {
      return await sendOnce(call, idleMs).catch((error: unknown) => {
        // every request may be sent twice
        if (error instanceof StaleConnection) return sendOnce(call, idleMs)
        throw error
      })
    } catch (error) {
      call.signal?.throwIfAborted()
      throw error instanceof ApiError ? error : unreached(call, error as Error)
    }
  }

  return { open, unreached, refresh: known.refresh, close: known.close }
}

function withQuery(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

function headersOf(body: string | undefined, contentType = 'application/json'): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': `cephflex/${VERSION}`,
    ...(body === undefined
      ? {}
      : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) }),
  }
}

/** The server closed an idle connection at the moment it was used again. */
class StaleConnection extends Error {}
