import { type Deadline, startDeadline, UNDO_MS } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { isCephFS, mountedOn } from '../../core/target/mount-table.js'
import { type MountState, parseMountState } from '../../core/target/state.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import { accessTo } from '../mount/access.js'
import { attemptLimit } from '../mount/call.js'
import { endSession } from '../mount/end-session.js'
import { mountWith } from '../mount/mount-with.js'
import { finishRecord } from '../mount/record-mount.js'
import { requireReach } from '../namespaces/reach.js'
import { mountShared } from '../sharing/mount-shared.js'
import { dropFilesOf } from '../sharing/release-client.js'
import { bindMount } from '../target/bind-mount.js'
import { uncover } from '../target/detach.js'
import { discard } from '../target/discard.js'
import { keptKey } from '../target/kept-key.js'
import { makeStage } from '../target/stage.js'
import { type TargetFiles, targetFiles } from '../target/target-files.js'

/**
 * Mounts a volume again that lost its client, over the dead mount: a client of its own is mounted and checked on a
 * private stage first, a shared one in its own place. On failure the target and its state stay as they were.
 *
 * @param beganS when the recovery began, in seconds since the boot.
 * @returns the devices of the lost mounts. Not that of the new one: the kernel gives it the number of one that is gone.
 * @throws CephflexError ENOKEY if there is no key for it, EOCCUPIED if another file system is mounted on the target,
 *   ENOTEMPTY if the unmounted target has files, ENOMOUNT if the bind mount failed, EHIDDEN, and what a mount throws.
 */
export async function remount(
  system: System,
  state: MountState,
  taken: TargetFiles,
  beganS: number,
): Promise<ReadonlySet<string>> {
  const { target } = state
  const volume = volumeOf(system, taken, state)
  const lost = inspectLost(system, target)
  const deadline = startDeadline(volume.timeoutS * 1000)
  const files = freshFiles(system, taken)
  const again = { system, state, volume, files, deadline, beganS }
  try {
    if (state.shared === undefined) await remountOwn(again)
    else await remountShared(again)
  } catch (error) {
    const problem = system.files.tryReplace(files.state, `${JSON.stringify(state)}\n`)
    if (problem !== undefined) system.log('state not restored', { problem })
    discard(system, [files.adminSocket, files.logFile])
    throw error
  }
  discard(system, [state.adminSocket, state.logFile])
  if (state.shared) dropFilesOf(system, state.shared)
  const current = mountedOn(system.mountInfo(), target).at(-1)?.device
  return new Set([...lost].filter(device => device !== current))
}

type Remount = {
  system: System
  state: MountState
  volume: VolumeOptions
  files: TargetFiles
  deadline: Deadline
  beganS: number
}

async function remountOwn({ system, state, volume, files, deadline }: Remount): Promise<void> {
  const { target, made, client } = state
  const stage = makeStage(system, target, deadline)
  const access = accessTo(system, stage.target, volume)
  const place = { target: stage.target, owner: target, isFirst: false, files, made }
  const call = { ...place, volume, deadline, access }
  try {
    await endSession(system, call, state)
    await mountWith(system, call, client, attemptLimit(deadline, 1))
    await detachUpper(system, target, deadline)
    const source = { mount: stage.target, within: '' }
    const failure = `the new mount could not be bind-mounted over ${target}`
    await bindMount(system, source, target, deadline, failure)
    await requireReachOrUndo(system, target, deadline)
    finishRecovery(system, files)
  } finally {
    await stage.clear()
  }
}

/** What cannot be written now is finished later: the volume works. */
function finishRecovery(system: System, { state: path }: TargetFiles): void {
  const state = parseMountState(system.files.tryRead(path), system.bootId())
  try {
    if (state) finishRecord(system, path, state)
  } catch (error) {
    system.log('not finished', { message: toCephflexError(error).message })
  }
}

/** The first target starts the client again, and the others find it. */
async function remountShared({ system, state, volume, files, deadline, beganS }: Remount): Promise<void> {
  const { target, made, client } = state
  const access = accessTo(system, target, volume)
  await detachUpper(system, target, deadline)
  await mountShared(
    system,
    {
      target,
      owner: target,
      isFirst: false,
      volume,
      files,
      made,
      deadline,
      access,
      beganS,
    },
    client,
    1,
  )
}

/** Whether a lost volume can be mounted again: how it was mounted is known, and its key. */
export function canRemount(system: System, state: MountState): boolean {
  try {
    volumeOf(system, targetFiles(system, state.target, 0), state)
    return true
  } catch {
    return false
  }
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
    await uncover(system, target, deadline)
}

/** A timer or a shell may have a mount namespace whose mounts pods do not see. */
async function requireReachOrUndo(system: System, target: string, deadline: Deadline): Promise<void> {
  try {
    requireReach(system, target)
  } catch (error) {
    await uncover(system, target, deadline.undo(UNDO_MS))
    throw error
  }
}
