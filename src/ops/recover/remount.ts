import { type Deadline, startDeadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { isCephFS, mountedOn } from '../../core/target/mount-table.js'
import type { MountState } from '../../core/target/state.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import { accessTo } from '../mount/access.js'
import { attemptLimit } from '../mount/call.js'
import { mountWith } from '../mount/mount-with.js'
import { requireReach } from '../namespaces/reach.js'
import { bindMount } from '../target/bind-mount.js'
import { discard } from '../target/discard.js'
import { keptKey } from '../target/kept-key.js'
import { makeStage } from '../target/stage.js'
import type { TargetFiles } from '../target/target-files.js'

const UMOUNT_MS = 5_000

/**
 * Mounts a volume again that lost its client. Makes and checks the new mount on
 * a private stage, then bind-mounts it over the dead one. On failure the target
 * and its state stay as they were.
 *
 * @returns the devices of the lost mounts.
 * @throws CephflexError ENOKEY if there is no key for it, EOCCUPIED if another file system is mounted on the target,
 *   ENOTEMPTY if the unmounted target has files, ENOMOUNT if the bind mount failed, EHIDDEN, and what a mount throws.
 */
export async function remount(
  system: System,
  target: string,
  state: MountState,
  taken: TargetFiles,
): Promise<ReadonlySet<string>> {
  const volume = volumeOf(system, taken, state)
  const lost = inspectLost(system, target)
  const deadline = startDeadline(volume.timeoutS * 1000)
  const files = freshFiles(system, taken)
  const stage = makeStage(system, target, deadline)
  const access = accessTo(system, stage.target, volume)
  const call = { target: stage.target, owner: target, volume, files, made: state.made, deadline, access }
  try {
    await mountWith(system, call, state.client, attemptLimit(deadline, 1))
    await detachUpper(system, target, deadline)
    const source = { mount: stage.target, within: '' }
    await bindMount(
      system,
      source,
      target,
      deadline,
      `the new mount could not be bind-mounted over ${target}`,
    )
    await requireReachOrUndo(system, target, deadline)
  } catch (error) {
    const problem = system.files.tryReplace(files.state, `${JSON.stringify(state)}\n`)
    if (problem !== undefined) system.log('state not restored', { problem })
    discard(system, [files.adminSocket, files.logFile])
    throw error
  } finally {
    await stage.clear()
  }
  discard(system, [state.adminSocket, state.logFile])
  return lost
}

function volumeOf(system: System, paths: TargetFiles, { recipe, pod }: MountState): VolumeOptions {
  if (recipe === undefined) throw new CephflexError('ENOKEY', 'it is not known how the volume was mounted')
  const { secretFile, ...volume } = recipe
  if (secretFile !== undefined) return { ...volume, pod, credential: { from: 'file', path: secretFile } }
  const key = keptKey(system, paths)
  if (key === undefined) throw new CephflexError('ENOKEY', 'the key came from a Secret and was not kept')
  return { ...volume, pod, credential: { from: 'secret', key } }
}

function inspectLost({ files, mountInfo }: System, target: string): ReadonlySet<string> {
  const entries = mountedOn(mountInfo(), target)
  const foreign = entries.find(entry => !isCephFS(entry))
  if (foreign) throw new CephflexError('EOCCUPIED', `${target} has a mount of type ${foreign.fsType}`)
  const names = entries.length === 0 ? files.list(target) : []
  if (names.length > 0)
    throw new CephflexError('ENOTEMPTY', `${target} contains ${names.slice(0, 3).join(', ')}`)
  return new Set(entries.map(({ device }) => device))
}

/** File names that no client uses: a process that recovers repeatedly has used the first ones. */
function freshFiles({ files }: System, taken: TargetFiles): TargetFiles {
  let paths = taken
  for (
    let n = 1;
    files.kind(paths.adminSocket) !== 'missing' || files.kind(paths.logFile) !== 'missing';
    n += 1
  ) {
    const { adminSocket, logFile } = taken
    paths = {
      ...paths,
      adminSocket: adminSocket.replace(/asok$/, `${n}.asok`),
      logFile: logFile.replace(/log$/, `${n}.log`),
    }
  }
  return paths
}

/** Keeps the lowest dead mount: pods have bound it, and below it is the node's disk. */
async function detachUpper(system: System, target: string, deadline: Deadline): Promise<void> {
  for (let n = mountedOn(system.mountInfo(), target).length; n > 1; n -= 1)
    await system.run('umount', ['-c', '-l', '--', target], {
      timeoutMs: deadline.share(0.3, 1_000, UMOUNT_MS),
      isCleanup: true,
    })
}

/** A timer or a shell may have a mount namespace whose mounts pods do not see. */
async function requireReachOrUndo(system: System, target: string, deadline: Deadline): Promise<void> {
  try {
    requireReach(system, target)
  } catch (error) {
    const timeoutMs = deadline.undo(UMOUNT_MS).share(1, 500, UMOUNT_MS)
    await system.run('umount', ['-c', '-l', '--', target], { timeoutMs, isCleanup: true })
    throw error
  }
}
