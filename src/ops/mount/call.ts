import { type Deadline, startDeadline, UNDO_MS } from '../../core/deadline.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { TargetFiles } from '../target/target-files.js'
import type { Access } from './access.js'

/** A call that has locked its target, and mounts on an empty directory. */
export type MountCall = {
  /** The directory to mount on. */
  target: string
  /** The target of the pod, which is another directory if recovery mounts on a stage first. */
  owner: string
  volume: VolumeOptions
  /**
   * The kubelet takes a mount on the target for a success of this call, even if that was killed. Not so for a recovery,
   * which has the state of the lost mount, and for the place of a shared client.
   */
  isFirst: boolean
  /** The files of the owner. */
  files: TargetFiles
  /** Directories to remove after the unmount, the deepest first. */
  made: readonly string[]
  deadline: Deadline
  /** When the call began, in seconds since the boot; by default when this process did. */
  beganS?: number
  access: Access
}

/**
 * The limit of one attempt, from the first look-up of a name to the end of the client. The call keeps the rest: a client
 * that was killed may take a second to end, and then the monitors are probed.
 *
 * @param part of the time left, if another client can follow.
 */
export function attemptLimit(deadline: Deadline, part: number): Deadline {
  return startDeadline(Math.max(1_000, (deadline.left() - UNDO_MS) * part))
}
