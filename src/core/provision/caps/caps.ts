import { CephflexError } from '../../errors.js'
import { printable } from '../../text/printable.js'

/** Caps of a user by service, as `ceph auth get` shows them. */
export type Caps = Readonly<Record<string, string>>

export type CapsFor = {
  /** Directory in the file system, absolute. */
  path: string
  readOnly: boolean
  pool: string
  namespace: string
  /** Only where the release knows `fsname=` (16.2). */
  fsName?: string | undefined
}

/** What every release reads between quotes; the `ceph` command itself refuses the rest. */
const QUOTABLE = /^\/[ !#-~]*$/
const PLAIN = /^[A-Za-z0-9_.-]+$/

/** Whether caps are what {@link buildCaps} gives for this volume, in this release or another one. */
export function areOurCaps(caps: Caps, volume: Omit<CapsFor, 'readOnly'>): boolean {
  return [true, false].some(readOnly =>
    [volume.fsName, undefined].some(fsName => isSameCaps(caps, buildCaps({ ...volume, readOnly, fsName }))),
  )
}

/**
 * The caps of the one user of a volume, and never more: its directory, its
 * RADOS namespace in its pool, and reading maps from the monitors.
 *
 * The path is always quoted. 10.1 stops at a "-" in a path without quotes,
 * drops every grant and then answers (1) Operation not permitted; between
 * quotes every release reads it. There is no `p` flag, so that the user can
 * change neither quota nor layout, and no second `allow r`.
 *
 * @throws CephflexError EBADVOLUME for a path, pool or namespace that no quoting saves.
 * @see MDSAuthCaps.cc and OSDCap.cc in Ceph
 */
export function buildCaps({ path, readOnly, pool, namespace, fsName }: CapsFor): Caps {
  const spec = readOnly ? 'r' : 'rw'
  const fs = fsName === undefined ? '' : ` fsname=${plain('file system', fsName)}`
  return {
    mds: `allow ${spec}${fs} path=${quoted(path)}`,
    mon: 'allow r',
    osd: `allow ${spec} pool=${plain('pool', pool)} namespace=${plain('namespace', namespace)}`,
  }
}

/** Whether two sets of caps say the same, to the letter. */
export function isSameCaps(a: Caps, b: Caps): boolean {
  const entries = (caps: Caps) => JSON.stringify(Object.entries(caps).sort(([x], [y]) => (x < y ? -1 : 1)))
  return entries(a) === entries(b)
}

/** The form that monitor commands take: service, cap, service, cap. */
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
