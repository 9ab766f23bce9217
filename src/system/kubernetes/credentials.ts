import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { ApiError } from '../../core/kubernetes/api-error.js'
import type { ApiAccess, Material } from '../../core/kubernetes/kubeconfig.js'
import { files } from '../files.js'

/** Kubernetes renews the token of a pod some minutes before it expires. */
const REREAD_MS = 30_000

const CONNECTIONS = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets: 64 } as const

export type Credentials = {
  /** The agent and headers of a request. Replaced files are read again. */
  current: () => { agent: HttpAgent; headers: Record<string, string> }
  /** Reads all files again before the next request, since the server refused the credentials. */
  refresh: () => void
  close: () => void
}

/** Tokens and certificates for requests to the API, and the connections made with them. */
export function credentials(access: ApiAccess): Credentials {
  const isTls = access.server.startsWith('https:')
  let known: { key: string; agent: HttpAgent } | undefined
  let headers: Record<string, string> = {}
  let nextMs = 0
  const load = () => {
    const token = read(access.token)?.trim()
    headers = token ? { authorization: `Bearer ${token}` } : {}
    const [ca, cert, key] = [access.ca, access.clientCertificate, access.clientKey].map(read)
    const identity = JSON.stringify([ca, cert, key])
    if (known?.key === identity) return known.agent
    // running requests keep the old agent; its idle connections close by themselves
    const tls = {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(access.serverName && { servername: access.serverName }),
      rejectUnauthorized: access.insecure !== true,
    }
    known = {
      key: identity,
      agent: isTls ? new HttpsAgent({ ...CONNECTIONS, ...tls }) : new HttpAgent(CONNECTIONS),
    }
    return known.agent
  }
  return {
    current: () => {
      const now = performance.now()
      if (known === undefined || now >= nextMs) {
        nextMs = now + REREAD_MS
        load()
      }
      return { agent: (known as { agent: HttpAgent }).agent, headers }
    },
    refresh: () => {
      nextMs = 0
    },
    close: () => known?.agent.destroy(),
  }
}

function read(material: Material | undefined): string | undefined {
  if (material === undefined) return undefined
  if ('text' in material) return material.text.reveal()
  const text = files.read(material.file)
  if (text !== undefined) return text
  throw new ApiError(0, 'ENOENT', `${material.file} does not exist, but is needed to reach the API`)
}
