import { CephflexError } from '../errors.js'
import { bracketed, isHostName, isIPv4, isIPv6, isNoHost, unmapped } from '../text/host.js'
import { printable } from '../text/printable.js'
import { MONITOR_PORT } from './ports.js'

/** How the kernel client talks to a monitor (mount option `ms_mode`). */
export type MsMode = 'legacy' | 'crc' | 'secure' | 'prefer-crc' | 'prefer-secure'

/** One address of a monitor, as written in the option `monitors`. */
export type Monitor = {
  /** Only if written as a prefix. */
  protocol?: 'v1' | 'v2'
  /** IPv4, IPv6 without brackets, or a name. */
  host: string
  port?: number
}

const MAX_PORT = 65535
const PREFIX = /^(v1|v2|any):/i
const IN_LIST = /^\[(.*)\]$/s
/** The name of a monitor or setting, as in `a=10.0.0.1:6789` or `mon_host = 10.0.0.1`. */
const NAME = /^[\w.-]+=/
const NONCE = /\/0$/
const IN_BRACKETS = /^\[([^[\]]*)\](?::(\d{1,5}))?$/
const NAME_OR_IPV4 = /^([^:[\]]*)(?::(\d{1,5}))?$/
const ENDS_IN_PORT = new RegExp(`^(.*):(${MONITOR_PORT.v1}|${MONITOR_PORT.v2})$`)

/**
 * Reads the option `monitors`, in each form that people copy it from: entries separated by `,`, `;` or blanks, each
 * `[v1:|v2:]HOST[:PORT][/0]` or a group `[v2:…,v1:…]`, perhaps after `NAME=` (Rook); or a JSON list of such texts
 * (ceph-csi).
 *
 * Throws nothing. Each invalid entry, and a list without entries, gives one problem, which ends the sentence
 * "monitors …".
 */
export function parseMonitors(text: string): { monitors: Monitor[]; problems: string[] } {
  const monitors: Monitor[] = []
  const problems: string[] = []
  const entries = splitEntries(textOfJson(text) ?? text)
  for (const entry of entries) {
    const monitor = parseEntry(entry)
    if (typeof monitor === 'string') problems.push(`entry ${printable(entry)} ${monitor}`)
    else monitors.push(monitor)
  }
  if (entries.length === 0) problems.push('contains no monitor')
  return { monitors, problems }
}

/**
 * The argument of `ceph-fuse -m`, without duplicates, in the same order. Names must already be resolved to addresses.
 *
 * An address with a port always gets a protocol. One with neither stays as it is, and the client tries both.
 */
export function fuseMonitors(resolved: readonly Monitor[]): string {
  return unique(resolved.map(fuseMonitor)).join(',')
}

/**
 * The part of the source of `mount -t ceph` before `:/path`, without duplicates, in the same order, and the `ms_mode` to
 * mount with (none: the kernel's default, legacy). Names must already be resolved to addresses.
 *
 * Without `msMode`, the addresses for v1 are used. If there are only v2 addresses, the mode is `prefer-crc`: without a
 * mode they time out.
 *
 * @throws CephflexError EBADOPTIONS if no monitor has an address for `msMode`.
 */
export function kernelMonitors(
  resolved: readonly Monitor[],
  msMode?: MsMode,
): { source: string; msMode?: MsMode } {
  const v1 = unique(resolved.filter(isV1).map(v1Address))
  const v2 = unique(resolved.filter(({ protocol }) => protocol !== 'v1').map(v2Address))
  const mode = msMode ?? (v1.length === 0 ? 'prefer-crc' : undefined)
  const addresses = mode === undefined || mode === 'legacy' ? v1 : v2
  if (addresses.length === 0) {
    const needed = mode === 'legacy' ? `v1: or port ${MONITOR_PORT.v1}` : `v2: or port ${MONITOR_PORT.v2}`
    throw new CephflexError('EBADOPTIONS', `msMode ${mode} needs a monitor with ${needed}`)
  }
  return { source: addresses.join(','), ...(mode && { msMode: mode }) }
}

/** The entries of a JSON list of texts, as one text; undefined if it is none. */
function textOfJson(text: string): string | undefined {
  if (!/^\s*\[\s*"/.test(text)) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every(entry => typeof entry === 'string') ? list.join(',') : undefined
  } catch {
    return undefined
  }
}

function splitEntries(text: string): string[] {
  return splitList(text.replace(/\s*=\s*/g, '=')).flatMap(named => {
    const entry = named.replace(NAME, '')
    const group = IN_LIST.exec(entry)?.[1]
    const isAddress = group === undefined || isIPv4(group) || isIPv6(group) || group.includes('%')
    return isAddress ? [entry] : splitList(group)
  })
}

/** Splits a text at `,`, `;` and blanks, but not inside brackets. */
function splitList(text: string): string[] {
  const entries = ['']
  let depth = 0
  for (const letter of text) {
    if (letter === '[') depth += 1
    if (letter === ']') depth -= 1
    if (depth <= 0 && /[,;\s]/.test(letter)) entries.push('')
    else entries.push(`${entries.pop()}${letter}`)
  }
  return entries.filter(entry => entry !== '')
}

function parseEntry(entry: string): Monitor | string {
  const prefix = PREFIX.exec(entry)?.[1]?.toLowerCase()
  const protocol = prefix === 'v1' || prefix === 'v2' ? prefix : undefined
  const found = hostAndPort(entry.replace(PREFIX, '').replace(NONCE, ''))
  if (typeof found === 'string') return found
  const port = found.port === undefined ? undefined : Number(found.port)
  if (port !== undefined && (port < 1 || port > MAX_PORT)) return `needs a port from 1 to ${MAX_PORT}`
  const host = unmapped(found.host)
  if (isNoHost(host)) return 'is an address that no host can have'
  return { ...(protocol && { protocol }), host, ...(port && { port }) }
}

function hostAndPort(address: string): { host: string; port?: string | undefined } | string {
  if (isIPv6(address)) {
    const [, host, port] = ENDS_IN_PORT.exec(address) ?? []
    return port === undefined ? { host: address } : `is ambiguous: write [${host}]:${port}`
  }
  const [, inside = '', portAfter] = IN_BRACKETS.exec(address) ?? []
  if (isIPv4(inside) || isIPv6(inside)) return { host: inside, port: portAfter }
  const [, host = '', port] = NAME_OR_IPV4.exec(address) ?? []
  return isIPv4(host) || isHostName(host) ? { host, port } : 'is not a host name or address'
}

function fuseMonitor({ protocol, host, port }: Monitor): string {
  if (protocol !== undefined) return `${protocol}:${bracketed(host)}:${port ?? MONITOR_PORT[protocol]}`
  if (port === undefined) return bracketed(host)
  // Without a prefix and with a wrong key, ceph-fuse tries a non-standard port forever instead of giving up.
  return `${port === MONITOR_PORT.v2 ? 'v2' : 'v1'}:${bracketed(host)}:${port}`
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

function isV1({ protocol, port }: Monitor): boolean {
  return protocol === 'v1' || (protocol === undefined && port !== MONITOR_PORT.v2)
}

function v1Address({ host, port = MONITOR_PORT.v1 }: Monitor): string {
  return `${bracketed(host)}:${port}`
}

function v2Address({ protocol, host, port = MONITOR_PORT.v2 }: Monitor): string {
  return `${bracketed(host)}:${protocol === undefined && port === MONITOR_PORT.v1 ? MONITOR_PORT.v2 : port}`
}
