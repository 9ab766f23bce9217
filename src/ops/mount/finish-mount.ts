import type { Deadline } from '../../core/deadline.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import type { LockedTarget } from '../target/lock-target.js'
import { applyFsGroup } from './fs-group.js'
import { finishRecord } from './record-mount.js'

/**
 * Does what a killed mount call had not yet done for a mount that answers. Does nothing for one that a call has finished.
 *
 * @throws CephflexError EFSGROUP, ENORUNDIR
 */
export async function finishMount(
  system: System,
  { files, state }: LockedTarget,
  volume: Pick<VolumeOptions, 'fsGroup' | 'fsGroupPolicy' | 'readOnly'>,
  deadline: Deadline,
): Promise<void> {
  if (!state?.unfinished) return
  const { target } = state
  if (volume.fsGroupPolicy === 'root') await applyFsGroup(system, { target, volume }, deadline)
  finishRecord(system, files.state, state)
  system.log('finished', { target })
}
