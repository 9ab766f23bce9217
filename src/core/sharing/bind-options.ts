import type { MountInfo } from '../target/mount-table.js'
import type { VolumeOptions } from '../volume/volume.js'

/** What the kernel keeps for each mount of a file system. All other options belong to the file system. */
const PER_MOUNT = ['ro', 'rw', 'nosuid', 'nodev', 'exec', 'noexec', 'noatime']

/** Whether each mount of one file system can have its own value of this option of mount(8). */
export function isPerMount(option: string): boolean {
  return PER_MOUNT.includes(option)
}

/**
 * The mount options of one target that shares its client, in full: a remount takes away what it does not name.
 * `nosuid` and `nodev` are always set, as ceph-fuse does.
 */
export function bindOptions({ readOnly, options }: VolumeOptions): string[] {
  const execution = options.fuse.filter(option => option === 'exec' || option === 'noexec').at(-1)
  return [
    readOnly ? 'ro' : 'rw',
    'nosuid',
    'nodev',
    ...(execution === undefined ? [] : [execution]),
    ...(options.fuse.includes('noatime') ? ['noatime'] : []),
  ]
}

/** The options of these that the mount table does not show for a mount. It never shows `exec`. */
export function missingOptions({ options }: MountInfo, wanted: readonly string[]): string[] {
  return wanted.filter(option => (option === 'exec' ? options.includes('noexec') : !options.includes(option)))
}
