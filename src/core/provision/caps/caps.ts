import { CephflexError } from '../../errors.js'
import { printable } from '../../text/printable.js'

/** Caps of a user by service, as `ceph auth get` shows them. */
export type Caps = Readonly<Record<string, string>>

export type CapsFor = {
  /** Directory in the file system, absolute. */
  path: string
  readOnly: boolean
  pool: string
  /** Empty: only the data that has none. */
  namespace: string
  /** Only if every daemon supports `fsname=` (16.2 or newer). */
  fsName?: string | undefined
}

/** Paths that every release can parse in quotes; the `ceph` command itself refuses the others. */
const QUOTABLE = /^\/[ !#-~]*$/
const PLAIN = /^[A-Za-z0-9_.-]+$/

/** Whether caps are those of {@link buildCaps} for this volume, with either access, and with or without `fsname=`. */
export function areOurCaps(caps: Caps, volume: Omit<CapsFor, 'readOnly'>): boolean {
  return [true, false].some(readOnly =>
    [volume.fsName, undefined].some(fsName => isSameCaps(caps, buildCaps({ ...volume, readOnly, fsName }))),
  )
}

/**
 * The minimal caps of a volume's user: its directory, its RADOS namespace in its pool, and maps of the monitors.
 *
 * The path is always quoted: every release can parse it then. Without quotes, 10.1 stops at a "-", ignores every grant
 * and answers (1) Operation not permitted. There is no `p` flag, so that the user can change neither quota nor layout,
 * and no second `allow r`.
 *
 * @throws CephflexError EBADVOLUME for a path, pool or namespace that cannot be used in caps, even in quotes.
 * @see MDSAuthCaps.cc and OSDCap.cc in Ceph
 */
export function buildCaps({ path, readOnly, pool, namespace, fsName }: CapsFor): Caps {
  const spec = readOnly ? 'r' : 'rw'
  const fs = fsName === undefined ? '' : ` fsname=${plain('file system', fsName)}`
  return {
    mds: `allow ${spec}${fs} path=${quoted(path)}`,
    mon: 'allow r',
    osd: `allow ${spec} pool=${plain('pool', pool)} namespace=${namespace === '' ? '""' : plain('namespace', namespace)}`,
  }
}

/** Whether two sets of caps have exactly the same texts. */
export function isSameCaps(a: Caps, b: Caps): boolean {
  const entries = (caps: Caps) => JSON.stringify(Object.entries(caps).sort(([x], [y]) => (x < y ? -1 : 1)))
  return entries(a) === entries(b)
}

/** Caps as an argument of monitor commands: service, cap, service, cap. */
export function capsList(caps: Caps): string[] {
  return Object.entries(caps).flat()
}

function plain(what: string, text: string): string {
  if (PLAIN.test(text)) return text
  throw new CephflexError('EBADVOLUME', `the ${what} ${printable(text)} cannot be used in caps`)
}

function quoted(path: string): string {
  if (QUOTABLE.test(path)) return `"${path}"`
  throw new CephflexError(
    'EBADVOLUME',
    `the path ${printable(path)} cannot be used in caps: it contains a quote or a non-ASCII character`,
  )
}
