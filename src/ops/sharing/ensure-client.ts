import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { Client } from '../../core/mounters/index.js'
import { sharedVolume } from '../../core/sharing/shared-volume.js'
import type { ClientState } from '../../core/target/state.js'
import { isSubPathBind } from '../../core/target/sub-path.js'
import type { System } from '../../system/system.js'
import { attemptLimit, type MountCall } from '../mount/call.js'
import { inspectTarget } from '../mount/existing.js'
import { mountWith } from '../mount/mount-with.js'
import { lifeOf } from '../namespaces/client-life.js'
import { waitForDaemons } from '../target/daemon.js'
import { detachAll } from '../target/detach.js'
import { isEvicted } from '../target/evicted.js'
import { forget, type LockedTarget } from '../target/lock-target.js'
import { sharedDirectory } from '../target/shared-directory.js'
import { clientMounts } from './client-mounts.js'
import { clientRecord } from './client-record.js'
import { dropFailure, keepFailure } from './failure.js'

const STATUS_MS = 1_000

/** A call that has locked the client for its volume, which is or will be mounted on `path`. */
export type ClientCall = MountCall & { path: string; locked: LockedTarget }

/**
 * Makes sure that the shared client is mounted and answers. Replaces one that is dead or evicted; the targets that have
 * the old one keep it. Keeps the error of a start that fails, for the calls that wait for it.
 *
 * @returns the record of the client.
 * @throws CephflexError EDEAD if it is mounted and hangs, and what a mount throws.
 */
export async function ensureClient(
  system: System,
  call: ClientCall,
  client: Client,
  part: number,
): Promise<ClientState> {
  const { path, locked, deadline } = call
  const existing = await takeDeadAway(system, call)
  if (existing !== undefined) return existing
  system.files.secureDirectory(sharedDirectory(system))
  system.files.secureDirectory(path)
  const volume = sharedVolume(call.volume)
  const place = { target: path, owner: path, isFirst: false, files: locked.files, made: [] }
  const start = { ...call, ...place, volume }
  try {
    await mountWith(system, start, client, attemptLimit(deadline, part))
    dropFailure(system, path)
    return recordOf(system, path)
  } catch (error) {
    system.files.removeDirectory(path)
    keepFailure(system, path, toCephflexError(error))
    throw error
  }
}

function recordOf(system: System, path: string): ClientState {
  const record = clientRecord(system, path)
  if (record === undefined)
    throw new CephflexError('ENORUNDIR', `the state of the client on ${path} cannot be read`)
  return record
}

/** The record of the client if it is mounted and answers. Takes a dead one away. */
async function takeDeadAway(system: System, call: ClientCall): Promise<ClientState | undefined> {
  const { path, volume, deadline } = call
  const { files, state } = call.locked
  const request = { target: path, makeTarget: true, volume: sharedVolume(volume) }
  const existing = await inspectTarget(system, request, state, deadline).catch(error => {
    throw notAnswering(toCephflexError(error), state?.process?.pid)
  })
  if (existing === 'ours' && state !== undefined && !(await isEvicted(system, state, STATUS_MS))) return state
  const { targets } = clientMounts(system, path, state)
  const isUsed = targets.length > 0
  if (existing !== 'none') {
    system.log('replace', { was: state?.volume, path })
    await detachAll(system, path, 'lazy', deadline)
  }
  if (existing !== 'none' && !isUsed) await waitForDaemons(system, path, state, deadline)
  // one that still has targets does not end, and they ask it through its files
  const hasEnded = state === undefined || lifeOf(system, state) === 'ended'
  if (hasEnded && state?.session !== undefined) await endSession(system, call, state)
  const isAsked = targets.some(({ mountPoint }) => !isSubPathBind(mountPoint))
  forget(system, files, hasEnded && !isAsked ? state : undefined)
  return undefined
}

/** Rare, so that other calls need not load it. */
async function endSession(system: System, call: ClientCall, dead: ClientState): Promise<void> {
  await (await import('../mount/end-session.js')).endSession(system, call, dead)
}

function notAnswering(error: CephflexError, pid: number | undefined): CephflexError {
  if (error.code !== 'EDEAD') return error
  const process = pid === undefined ? '' : `, process ${pid},`
  return new CephflexError(
    'EDEAD',
    `the client${process} that serves this volume on this node does not answer`,
    { hint: error.hint, isFinal: true },
  )
}
