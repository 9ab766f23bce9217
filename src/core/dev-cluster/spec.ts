import { CephflexError } from '../errors.js'

/** Every daemon that a cluster can have. `mds2` serves the second file system. */
export const DAEMON_NAMES = ['mon', 'osd', 'mds', 'mds2', 'mgr'] as const
export type DaemonName = (typeof DAEMON_NAMES)[number]

export const STORES = ['memstore', 'bluestore'] as const
type Store = (typeof STORES)[number]

export type ClusterOptions = {
  /** `memstore` keeps objects in memory: fast, but lost when the OSD is killed. */
  store: Store
  /** With a manager, which runs only the module `volumes`. */
  mgr: boolean
  /** With a file system `second`, which has an MDS of its own. */
  secondFs: boolean
  /** A loopback address, or `auto` for a random one. On any other than 127.0.0.1 the monitor uses the standard ports. */
  address: string
  ipv6: boolean
}

/** The options of `cephflex dev-cluster start` without arguments. */
export const DEFAULT_OPTIONS: ClusterOptions = {
  store: 'memstore',
  mgr: false,
  secondFs: false,
  address: '127.0.0.1',
  ipv6: false,
}

/** A cluster: its files, arguments and addresses all follow from this. */
export type ClusterSpec = {
  /** Absolute and resolved; plain characters only. */
  dir: string
  fsid: string
  /** IPv4, or IPv6 without brackets. */
  address: string
  v2Port: number
  v1Port: number
  /** First of {@link PORT_COUNT} ports that this cluster may use. */
  portBase: number
  store: Store
  mgr: boolean
  secondFs: boolean
}

/** The path of a Unix socket has at most 107 bytes, and the daemons create sockets with long names in the directory. */
const MAX_DIR_LENGTH = 75
const SYSTEM_DIRECTORIES = [
  '/',
  '/root',
  '/home',
  '/tmp',
  '/etc',
  '/var',
  '/usr',
  '/run',
  '/dev',
  '/proc',
  '/sys',
]
const LOOPBACK = /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/

/**
 * Refuses a directory in which a cluster cannot work, or that must not be lost: `stop` deletes it with its contents.
 *
 * @param dir absolute and resolved.
 * @throws CephflexError ECLUSTER.
 */
export function checkDirectory(dir: string): void {
  const refuse = (why: string) => {
    throw new CephflexError('ECLUSTER', `cannot create a cluster in ${dir}: ${why}`, {
      hint: 'choose a directory that does not exist yet, for example /tmp/ceph',
    })
  }
  if (SYSTEM_DIRECTORIES.includes(dir)) refuse('it is a system directory')
  if (!/^[A-Za-z0-9_./+-]+$/.test(dir)) refuse('its path may contain only letters, digits and _./+-')
  if (dir.length > MAX_DIR_LENGTH) refuse(`its path is longer than ${MAX_DIR_LENGTH} characters`)
}

/**
 * The address that the daemons bind to.
 *
 * @param random three bytes, for `auto`.
 * @throws CephflexError ECLUSTER if it is not a loopback address.
 */
export function chooseAddress(
  { address, ipv6 }: Pick<ClusterOptions, 'address' | 'ipv6'>,
  random: Uint8Array,
): string {
  if (ipv6) {
    if (address === DEFAULT_OPTIONS.address) return '::1'
    throw new CephflexError('ECLUSTER', '--address and --ipv6 are mutually exclusive', {
      hint: 'omit --address or --ipv6',
    })
  }
  // 2 to 253: never a network or broadcast address, nor 127.0.0.1
  if (address === 'auto') return `127.${[0, 1, 2].map(index => 2 + ((random[index] ?? 0) % 252)).join('.')}`
  if (LOOPBACK.test(address)) return address
  throw new CephflexError('ECLUSTER', `${address} is not a loopback address`, {
    hint: 'use 127.x.y.z or "auto"',
  })
}

/** The `ceph.conf` of a cluster. */
export function confPath(dir: string): string {
  return `${dir}/ceph.conf`
}

/** The keyring of client.admin. */
export function keyringPath(dir: string): string {
  return `${dir}/keyring`
}

/** This file marks a directory that `start` created. */
export function specPath(dir: string): string {
  return `${dir}/cluster.json`
}

/** The output of a daemon or tool. */
export function outputPath(dir: string, name: string): string {
  return `${dir}/log/${name}.out`
}

/** The file systems of a cluster; the first is its default. */
export function fileSystemsOf({ secondFs }: Pick<ClusterSpec, 'secondFs'>): string[] {
  return secondFs ? ['cephfs', 'second'] : ['cephfs']
}

/** Reads the text of {@link specPath}; undefined if it is incomplete. @param dir the directory that contains it. */
export function parseSpec(text: string, dir: string): ClusterSpec | undefined {
  let raw: Record<string, unknown>
  try {
    raw = Object(JSON.parse(text))
  } catch {
    return undefined
  }
  const isComplete =
    [raw['fsid'], raw['address'], raw['store']].every(isText) &&
    [raw['v1Port'], raw['v2Port'], raw['portBase']].every(isPort)
  if (!isComplete) return undefined
  const spec = raw as Omit<ClusterSpec, 'dir'>
  return { ...spec, mgr: raw['mgr'] === true, secondFs: raw['secondFs'] === true, dir }
}

function isText(value: unknown) {
  return typeof value === 'string' && value !== ''
}

function isPort(value: unknown) {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536
}
