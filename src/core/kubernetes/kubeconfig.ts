import { parse } from 'yaml'
import { CephflexError } from '../errors.js'
import { Secret } from '../secret.js'
import { bracketed } from '../text/host.js'
import { printable } from '../text/printable.js'

/** A file, which is read again when it changes, or its content. */
export type Material = { file: string } | { text: Secret }

/** Address of the API server, and the credentials for it. */
export type ApiAccess = {
  /** `https://HOST:PORT`, without a trailing slash. */
  server: string
  namespace: string
  ca?: Material | undefined
  token?: Material | undefined
  clientCertificate?: Material | undefined
  clientKey?: Material | undefined
  /** The name in the server's certificate, if it differs from that in the address. */
  serverName?: string | undefined
  /** Do not verify the server's certificate. Only set explicitly, in a kubeconfig. */
  insecure?: boolean | undefined
}

type Fields = Record<string, unknown>

/** Where a pod finds its credentials for the API. */
const POD_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The file with the namespace of the pod. */
export const POD_NAMESPACE_FILE = `${POD_FOLDER}/namespace`

/**
 * Reads a kubeconfig: its current context, with tokens, token files, client certificates and CAs, inline or as files.
 * Programs that get a token (`exec`) and proxies are refused.
 *
 * @param folder of the kubeconfig, absolute: paths in it are relative to this.
 * @throws CephflexError EUSAGE. No message quotes what may be a secret.
 */
export function parseKubeconfig(text: string, folder: string): ApiAccess {
  let config: Fields
  try {
    config = (parse(text) ?? {}) as Fields
  } catch {
    throw bad('is not valid YAML')
  }
  const context = entry(config, 'contexts', 'context', textOf(config, 'current-context'))
  const cluster = entry(config, 'clusters', 'cluster', textOf(context, 'cluster'))
  const user = entry(config, 'users', 'user', textOf(context, 'user'))
  const unsupported = ['exec', 'auth-provider', 'username'].find(name => user[name] !== undefined)
  if (unsupported !== undefined)
    throw bad(`has a user with "${unsupported}": only tokens and client certificates are supported`)
  if (cluster['proxy-url'] !== undefined) throw bad('has a proxy-url, which is not supported')
  const server = textOf(cluster, 'server')?.replace(/\/+$/, '')
  if (server === undefined || !/^https?:\/\//.test(server)) throw bad('has no server')
  return {
    server,
    namespace: textOf(context, 'namespace') ?? 'default',
    ca: material(cluster, 'certificate-authority', folder),
    token: tokenOf(user, folder),
    clientCertificate: material(user, 'client-certificate', folder),
    clientKey: material(user, 'client-key', folder),
    serverName: textOf(cluster, 'tls-server-name'),
    insecure: cluster['insecure-skip-tls-verify'] === true,
  }
}

/**
 * The access of a pod, with its ServiceAccount.
 *
 * @param environment of the process.
 * @param namespace content of {@link POD_NAMESPACE_FILE}, if it exists.
 * @throws CephflexError EUSAGE outside a pod.
 */
export function podAccess(
  environment: Readonly<Record<string, string | undefined>>,
  namespace: string | undefined,
  folder = POD_FOLDER,
): ApiAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (!host)
    throw new CephflexError('EUSAGE', 'no kubeconfig was given, and this process does not run in a pod', {
      hint: 'pass a kubeconfig with --kubeconfig',
    })
  return {
    server: `https://${bracketed(host)}:${port}`,
    namespace: namespace?.trim() || 'default',
    ca: { file: `${folder}/ca.crt` },
    token: { file: `${folder}/token` },
  }
}

type Entry = { name?: unknown } & Fields

function entry(config: Fields, list: string, field: string, name: string | undefined): Fields {
  const all = Array.isArray(config[list]) ? (config[list] as Entry[]) : []
  const found = all.find(each => each?.name === name)?.[field]
  if (typeof found === 'object' && found !== null) return found as Fields
  throw bad(`has no ${field} ${printable(name ?? '')}`)
}

function bad(message: string): CephflexError {
  return new CephflexError('EUSAGE', `the kubeconfig ${message}`, {
    hint: 'check it with "kubectl --kubeconfig FILE get pvc"',
  })
}

/** `NAME-data` is base64, `NAME` is a path. */
function material(fields: Fields, name: string, folder: string): Material | undefined {
  const data = textOf(fields, `${name}-data`)
  if (data !== undefined) return { text: new Secret(Buffer.from(data, 'base64').toString('utf8')) }
  const file = textOf(fields, name)
  if (file === undefined) return undefined
  return { file: file.startsWith('/') ? file : `${folder}/${file}` }
}

function tokenOf(user: Fields, folder: string): Material | undefined {
  const token = textOf(user, 'token')
  if (token !== undefined) return { text: new Secret(token) }
  const file = textOf(user, 'tokenFile')
  return file === undefined ? undefined : { file: file.startsWith('/') ? file : `${folder}/${file}` }
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
