import { CephflexError } from '../../core/errors.js'
import { clientsFor, mounters } from '../../core/mounters/index.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'

/**
 * Checks that this node has SELinux if the options set a label. ceph-fuse would report "Invalid argument", and mount(8)
 * would leave the label out.
 *
 * @throws CephflexError EOPTION
 */
export function requireSelinux({ files }: System, { options, mounter }: VolumeOptions): void {
  const list = mounters[clientsFor(mounter)[0]].mountOptions(options)
  const label = list.find(text => /^(?:def|fs|root)?context=/.test(text))
  if (label === undefined || /\bselinuxfs$/m.test(files.read('/proc/filesystems') ?? '')) return
  throw new CephflexError(
    'EOPTION',
    `this node does not run SELinux, which the mount option "${label.split('=')[0]}" needs`,
    { hint: 'remove the option: without SELinux a pod needs no label' },
  )
}
