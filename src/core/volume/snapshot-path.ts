import type { ClientOptions } from '../mount-options/mount-options.js'

/** A snapshot, or a directory in it. The clients mount only the directory that it is of. */
export type SnapshotPath = {
  /** The directory with the snapshots. */
  directory: string
  /** The path below `directory`: the snapshot directory, the name and what follows. */
  within: string
}

/** The part of a path that only exists as a snapshot; undefined if it names none. The path is normalised. */
export function snapshotPath(
  path: string,
  options: ClientOptions,
  client: 'fuse' | 'kernel',
): SnapshotPath | undefined {
  const names = path.split('/').slice(1)
  const first = names.indexOf(snapshotDirectory(options, client))
  if (first === -1) return undefined
  return { directory: `/${names.slice(0, first).join('/')}`, within: names.slice(first).join('/') }
}

/** What a client calls the directory of the snapshots. */
function snapshotDirectory({ fuseFlags, kernel }: ClientOptions, client: 'fuse' | 'kernel'): string {
  const [list, prefix] = client === 'fuse' ? [fuseFlags, '--client_snapdir='] : [kernel, 'snapdirname=']
  return list.find(text => text.startsWith(prefix))?.slice(prefix.length) ?? '.snap'
}
