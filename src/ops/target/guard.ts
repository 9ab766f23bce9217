import type { Deadline } from '../../core/deadline.js'
import { mountedOn } from '../../core/target/mount-table.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'

const CHATTR_MS = 5_000
/** The mode that the kubelet gives the directory of a volume. */
const KUBELET_MODE = 0o750

/**
 * Makes the empty target unwritable before the mount hides it, if the node
 * configuration sets `guardLocalDisk`. A pod that later runs without its volume
 * then gets errors instead of writing to the node's disk.
 *
 * Immutable (chattr +i) stops root as well. Where the file system does not
 * support it, mode 0000 stops all other users.
 */
export async function guardTarget(system: System, target: string, limit: Deadline): Promise<void> {
  if (!system.config.guardLocalDisk || !isBare(system, target)) return
  if (!(await chattr(system, '+i', target, limit))) system.files.setMode(target, 0)
}

/**
 * Restores a target as the kubelet made it, so that it can be removed. Reads
 * the guard off the directory itself: that survives a killed call, a reboot
 * and a change of the configuration.
 */
export async function unguardTarget(system: System, target: string, limit: Deadline): Promise<void> {
  const isOurs = system.config.guardLocalDisk || podVolumeOf(target) !== undefined
  if (!isOurs || !isBare(system, target)) return
  const mode = system.files.mode(target)
  if (mode === undefined) return
  const wanted = mode === 0 ? KUBELET_MODE : mode
  // an immutable directory refuses even its current mode
  if (system.files.setMode(target, wanted)) return
  if (await chattr(system, '-i', target, limit)) system.files.setMode(target, wanted)
}

function isBare({ files, mountInfo }: System, target: string): boolean {
  return mountedOn(mountInfo(), target).length === 0 && files.kind(target) === 'directory'
}

async function chattr(
  { run, log }: System,
  change: '+i' | '-i',
  target: string,
  limit: Deadline,
): Promise<boolean> {
  const options = { timeoutMs: limit.share(1, 500, CHATTR_MS), isCleanup: change === '-i' }
  const result = await optional(run('chattr', [change, '--', target], options))
  if (result?.exitCode === 0) return true
  log('chattr', { change, target, stderr: result?.stderr ?? 'cannot be started' })
  return false
}
