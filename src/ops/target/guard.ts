import { mountedOn } from '../../core/target/mount-table.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'

const CHATTR_MS = 5_000
/** What the kubelet gives the directory of a volume. */
const KUBELETS_MODE = 0o750

/**
 * Makes the empty target unwritable before a mount hides it, if the node
 * configuration says `guardLocalDisk`: a pod that later finds it without its
 * volume gets errors, and its data does not end on the disk of the node.
 *
 * Immutable (chattr +i) stops root as well; where the file system cannot do
 * it, mode 0000 stops everybody else.
 */
export async function guardTarget(system: System, target: string): Promise<void> {
  if (!system.config.guardLocalDisk || !isBare(system, target)) return
  if (!(await chattr(system, '+i', target))) system.files.setMode(target, 0)
}

/**
 * Gives a target back as the kubelet made it, so that it can be removed. What
 * was done to it is read off the directory itself: that survives a killed
 * call, a reboot and a change of the configuration.
 */
export async function unguardTarget(system: System, target: string): Promise<void> {
  const isOurs = system.config.guardLocalDisk || podVolumeOf(target) !== undefined
  if (!isOurs || !isBare(system, target)) return
  const mode = system.files.mode(target)
  if (mode === undefined) return
  const wanted = mode === 0 ? KUBELETS_MODE : mode
  // an immutable directory refuses even the mode it has
  if (system.files.setMode(target, wanted)) return
  if (await chattr(system, '-i', target)) system.files.setMode(target, wanted)
}

function isBare({ files, mountInfo }: System, target: string): boolean {
  return mountedOn(mountInfo(), target).length === 0 && files.kind(target) === 'directory'
}

async function chattr({ run, log }: System, change: '+i' | '-i', target: string): Promise<boolean> {
  const { exitCode, startProblem, stderr } = await run('chattr', [change, '--', target], {
    timeoutMs: CHATTR_MS,
    isCleanup: change === '-i',
  })
  if (exitCode !== 0) log('chattr', { change, target, startProblem, stderr })
  return exitCode === 0
}
