import type { Mounter } from '../mounters/mounter.js'
import type { VolumeOptions } from './volume.js'

/** A snapshot, or a directory in it. The clients mount only the directory that it is of. */
export type SnapshotPath = {
  /** The directory with the snapshots. */
  directory: string
  /** The path below `directory`: the snapshot directory, the name and what follows. */
  within: string
}

/** What the clients call the directory with the snapshots if no option names it. */
const USUAL_DIRECTORY = '.snap'

/** The part of a path that only exists as a snapshot; undefined if it names none. The path is normalised. */
export function snapshotPath(
  { path, options }: Pick<VolumeOptions, 'path' | 'options'>,
  { snapshotDirectory }: Mounter,
): SnapshotPath | undefined {
  const names = path.split('/').slice(1)
  const first = names.indexOf(snapshotDirectory(options) ?? USUAL_DIRECTORY)
  if (first === -1) return undefined
  return { directory: `/${names.slice(0, first).join('/')}`, within: names.slice(first).join('/') }
}
