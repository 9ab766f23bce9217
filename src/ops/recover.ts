import { type Deadline, startDeadline } from '../core/deadline.js'
import { DriverError, toDriverError } from '../core/errors.js'
import type { OurMount } from '../core/inventory.js'
import { isCephFS, mountedOn } from '../core/mount-table.js'
import { mounters } from '../core/mounters/index.js'
import { podVolumeOf } from '../core/pod-volume.js'
import type { Recovery } from '../core/recovery.js'
import type { MountState } from '../core/state.js'
import type { VolumeOptions } from '../core/volume.js'
import type { System } from '../system/system.js'
import { type Held, UNDO_MS, withTarget } from './call.js'
import { healthOfMount, inTurns, listMounts } from './inventory.js'
import { keptKey } from './kept-key.js'
import { seesLost, usersOf } from './namespaces.js'
import { makeStage } from './stage.js'
import { tryMounter } from './try-mounter.js'

const LOOK_MS = 2_500
/** A call of the kubelet that works on the target repairs it itself. */
const LOCK_MS = 1_000
const BIND_MS = 5_000

/** What is wrong with a mount so that it must be made again; undefined if nothing is, or waiting may help. */
const ailmentOf = async (system: System, mount: OurMount): Promise<Recovery['was'] | undefined> => {
  if (mount.entry) {
    const health = await healthOfMount(system, mount, LOOK_MS)
    return health === 'dead' || health === 'evicted' ? health : undefined
  }
  // by hand somebody may have unmounted on purpose; the kubelet would have told us
  const isWanted = podVolumeOf(mount.target) !== undefined && system.files.kind(mount.target) === 'directory'
  return isWanted ? 'gone' : undefined
}

const volumeOf = (system: System, held: Held): VolumeOptions => {
  const { recipe, pod = {} } = held.state ?? {}
  if (recipe === undefined) throw new DriverError('ENOKEY', 'how it was mounted is not known')
  const { secretFile, ...volume } = recipe
  if (secretFile !== undefined) return { ...volume, pod, credential: { from: 'file', path: secretFile } }
  const key = keptKey(system, held.places)
  if (key === undefined) throw new DriverError('ENOKEY', 'its key came from a Secret and was not kept')
  return { ...volume, pod, credential: { from: 'secret', key } }
}

/** The lowest dead mount stays as it is: pods have bound it, and below it is the disk of the node. */
const dropUpper = async (system: System, target: string, deadline: Deadline): Promise<void> => {
  for (let n = mountedOn(system.mountInfo(), target).length; n > 1; n -= 1)
    await system.run('umount', ['-c', '-l', '--', target], {
      timeoutMs: deadline.share(0.3, 1_000, BIND_MS),
      isCleanup: true,
    })
}

/** Lays the mount on `stage` over the target, and proves it by the mount table. */
const layOver = async (system: System, stage: string, target: string): Promise<string> => {
  const argv = ['-c', '--bind', stage, target]
  const { exitCode, stderr } = await system.run('mount', argv, { timeoutMs: BIND_MS })
  const device = mountedOn(system.mountInfo(), stage).at(-1)?.device
  if (
    exitCode === 0 &&
    device !== undefined &&
    mountedOn(system.mountInfo(), target).at(-1)?.device === device
  )
    return device
  throw new DriverError('ENOMOUNT', `the new mount could not be laid over ${target}: ${stderr.trim()}`)
}

/** A name of its own for the new client, in a process that recovers again and again. */
const freshPlaces = ({ files }: System, held: Held): Held => {
  let places = held.places
  for (
    let n = 1;
    files.kind(places.adminSocket) !== 'missing' || files.kind(places.logFile) !== 'missing';
    n += 1
  ) {
    const { adminSocket, logFile } = held.places
    places = {
      ...places,
      adminSocket: adminSocket.replace(/asok$/, `${n}.asok`),
      logFile: logFile.replace(/log$/, `${n}.log`),
    }
  }
  return { ...held, places }
}

const checkBelow = ({ files, mountInfo }: System, target: string): ReadonlySet<string> => {
  const entries = mountedOn(mountInfo(), target)
  const foreign = entries.find(entry => !isCephFS(entry))
  if (foreign) throw new DriverError('EOCCUPIED', `${target} holds a mount of type ${foreign.fsType}`)
  const names = entries.length === 0 ? files.list(target) : []
  if (names.length > 0) throw new DriverError('ENOTEMPTY', `${target} holds ${names.slice(0, 3).join(', ')}`)
  return new Set(entries.map(({ device }) => device))
}

const remount = async (
  system: System,
  target: string,
  state: MountState,
  before: Held,
): Promise<ReadonlySet<string>> => {
  const volume = volumeOf(system, before)
  const lost = checkBelow(system, target)
  const deadline = startDeadline(volume.timeoutS * 1000)
  const held = freshPlaces(system, before)
  const stage = makeStage(system, target)
  const request = { target: stage.target, makeTarget: false, volume }
  const mounting = { request, held, deadline, made: state.made, over: target }
  try {
    await tryMounter(system, mounting, mounters[state.client], deadline.left() - UNDO_MS)
    await dropUpper(system, target, deadline)
    await layOver(system, stage.target, target)
  } catch (error) {
    system.files.replace(held.places.state, `${JSON.stringify(state)}\n`)
    for (const file of [held.places.adminSocket, held.places.logFile]) system.files.remove(file)
    throw error
  } finally {
    await stage.clear()
  }
  for (const file of [state.adminSocket, state.logFile]) system.files.remove(file)
  return lost
}

const recoverOne = async (system: System, mount: OurMount, was: Recovery['was']): Promise<Recovery> => {
  const { target, client, state } = mount
  const pod = { uid: podVolumeOf(target)?.uid, ...state?.pod }
  const about = { target, client, was, pod }
  try {
    return await withTarget(system, 'recover', target, LOCK_MS, async held => {
      const now = listMounts(system).find(other => other.target === target)
      if (now === undefined || (await ailmentOf(system, now)) === undefined)
        return { ...about, outcome: 'healthy' }
      if (held.state === undefined) throw new DriverError('ENOKEY', 'how it was mounted is not known')
      const lost = await remount(system, target, held.state, held)
      const blind = usersOf(system, lost, target).filter(namespace => seesLost(namespace, lost, target))
      const holders = blind.map(({ process }) => ({ pid: process.pid, name: process.name }))
      // a mount that is gone left nothing that a running pod could see the new one over
      return { ...about, outcome: 'recovered', restart: was === 'gone' || holders.length > 0, holders }
    })
  } catch (error) {
    const { code, message, hint } = toDriverError(error)
    system.log('failed', { target, code, message })
    return { ...about, outcome: 'failed', code, message, hint }
  }
}

/**
 * Finds the mounts whose client is gone or shut out, and mounts each again.
 * The new mount is made and looked at in a private place, then laid over the
 * dead one: at no moment does the target show the disk of the node, and pods
 * with `mountPropagation: HostToContainer` see it at once.
 *
 * A mount that hangs is left alone: it goes on when its cluster does. Nothing
 * in this process ever touches a mounted directory.
 *
 * @param only one target; all without it.
 * @returns those that needed it.
 * @throws DriverError ENOTROOT, EBADREQUEST if `only` is no mount of ours.
 */
export const recoverMounts = async (
  system: System,
  { only, dryRun }: { only?: string | undefined; dryRun: boolean },
): Promise<Recovery[]> => {
  if (!system.isRoot()) throw new DriverError('ENOTROOT', 'this process does not run as root')
  const mounts = listMounts(system).filter(({ target }) => only === undefined || target === only)
  if (only !== undefined && mounts.length === 0)
    throw new DriverError('EBADREQUEST', `${only} is no mount of this driver`, {
      hint: 'see "cephflex status"',
    })
  const found = await inTurns(mounts, async mount => {
    const was = await ailmentOf(system, mount)
    if (was === undefined) return []
    const { target, client, state } = mount
    if (dryRun)
      return [
        {
          target,
          client,
          was,
          pod: { uid: podVolumeOf(target)?.uid, ...state?.pod },
          outcome: 'needed' as const,
        },
      ]
    return [await recoverOne(system, mount, was)]
  })
  return found.flat().filter(({ outcome }) => outcome !== 'healthy')
}
