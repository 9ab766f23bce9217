import { type Deadline, startDeadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { mounters } from '../../core/mounters/index.js'
import { isCephFS, mountedOn } from '../../core/target/mount-table.js'
import type { MountState } from '../../core/target/state.js'
import type { VolumeOptions } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import { mountWith } from '../mount/mount-with.js'
import { keptKey } from '../target/kept-key.js'
import { type LockedTarget, UNDO_MS } from '../target/lock-target.js'
import { makeStage } from '../target/stage.js'

const BIND_MS = 5_000

/**
 * Mounts a volume again that lost its client: the new mount is made and looked
 * at in a private place, then laid over the dead one. If that fails the target
 * stays as it was, and so does its state.
 *
 * @returns the devices of the mounts that were lost.
 * @throws CephflexError ENOKEY without a key to mount it by, EOCCUPIED or ENOTEMPTY if something else is on
 *   or below the target, ENOMOUNT if the new mount could not be laid over it, and what a mount throws.
 */
export async function remount(
  system: System,
  target: string,
  state: MountState,
  before: LockedTarget,
): Promise<ReadonlySet<string>> {
  const volume = volumeOf(system, before)
  const lost = checkBelow(system, target)
  const deadline = startDeadline(volume.timeoutS * 1000)
  const held = withFreshFiles(system, before)
  const stage = makeStage(system, target)
  const request = { target: stage.target, makeTarget: false, volume }
  const mounting = { request, held, deadline, made: state.made, over: target }
  try {
    await mountWith(system, mounting, mounters[state.client], deadline.left() - UNDO_MS)
    await dropUpper(system, target, deadline)
    await layOver(system, stage.target, target)
  } catch (error) {
    system.files.replace(held.files.state, `${JSON.stringify(state)}\n`)
    for (const file of [held.files.adminSocket, held.files.logFile]) system.files.remove(file)
    throw error
  } finally {
    await stage.clear()
  }
  for (const file of [state.adminSocket, state.logFile]) system.files.remove(file)
  return lost
}

function volumeOf(system: System, held: LockedTarget): VolumeOptions {
  const { recipe, pod = {} } = held.state ?? {}
  if (recipe === undefined) throw new CephflexError('ENOKEY', 'it is not known how the volume was mounted')
  const { secretFile, ...volume } = recipe
  if (secretFile !== undefined) return { ...volume, pod, credential: { from: 'file', path: secretFile } }
  const key = keptKey(system, held.files)
  if (key === undefined) throw new CephflexError('ENOKEY', 'the key came from a Secret and was not kept')
  return { ...volume, pod, credential: { from: 'secret', key } }
}

function checkBelow({ files, mountInfo }: System, target: string): ReadonlySet<string> {
  const entries = mountedOn(mountInfo(), target)
  const foreign = entries.find(entry => !isCephFS(entry))
  if (foreign) throw new CephflexError('EOCCUPIED', `${target} has a mount of type ${foreign.fsType}`)
  const names = entries.length === 0 ? files.list(target) : []
  if (names.length > 0)
    throw new CephflexError('ENOTEMPTY', `${target} contains ${names.slice(0, 3).join(', ')}`)
  return new Set(entries.map(({ device }) => device))
}

/** A name of its own for the new client, in a process that recovers again and again. */
function withFreshFiles({ files }: System, held: LockedTarget): LockedTarget {
  let places = held.files
  for (
    let n = 1;
    files.kind(places.adminSocket) !== 'missing' || files.kind(places.logFile) !== 'missing';
    n += 1
  ) {
    const { adminSocket, logFile } = held.files
    places = {
      ...places,
      adminSocket: adminSocket.replace(/asok$/, `${n}.asok`),
      logFile: logFile.replace(/log$/, `${n}.log`),
    }
  }
  return { ...held, files: places }
}

/** The lowest dead mount stays as it is: pods have bound it, and below it is the disk of the node. */
async function dropUpper(system: System, target: string, deadline: Deadline): Promise<void> {
  for (let n = mountedOn(system.mountInfo(), target).length; n > 1; n -= 1)
    await system.run('umount', ['-c', '-l', '--', target], {
      timeoutMs: deadline.share(0.3, 1_000, BIND_MS),
      isCleanup: true,
    })
}

/** Lays the mount on `stage` over the target, and proves it by the mount table. */
async function layOver(system: System, stage: string, target: string): Promise<string> {
  const argv = ['-c', '--bind', stage, target]
  const { exitCode, stderr } = await system.run('mount', argv, { timeoutMs: BIND_MS })
  const device = mountedOn(system.mountInfo(), stage).at(-1)?.device
  if (
    exitCode === 0 &&
    device !== undefined &&
    mountedOn(system.mountInfo(), target).at(-1)?.device === device
  )
    return device
  throw new CephflexError(
    'ENOMOUNT',
    `the new mount could not be bind-mounted over ${target}: ${stderr.trim()}`,
  )
}
