import { type Deadline, startDeadline } from '../core/deadline.js'
import { DriverError, toDriverError } from '../core/errors.js'
import { bothFailed, mayFallBack } from '../core/fallback.js'
import { mounters } from '../core/mounters/index.js'
import type { Mounter } from '../core/mounters/mounter.js'
import type { ProcessIdentity } from '../core/process.js'
import { identityOf, type MountState } from '../core/state.js'
import type { MountRequest } from '../core/volume.js'
import type { System } from '../system/system.js'
import { attemptMount, giveUpSeconds } from './attempt.js'
import { forget, type Held, withTarget } from './call.js'
import { checkFuseMount } from './check-fuse.js'
import { readCredential } from './credential.js'
import { findDaemon } from './daemon.js'
import { detachAll } from './detach.js'
import { inspectTarget, prepareTarget } from './existing.js'
import { applyFsGroup } from './fs-group.js'
import { fuseRelease } from './fuse-release.js'
import { prepareKeyring } from './keyring.js'
import { resolveMonitors } from './resolve-monitors.js'
import { resolveTarget } from './resolve-target.js'

/** What was done, for the log and for people. */
export type MountReport = { client: 'fuse' | 'kernel'; already: boolean; fellBackFrom?: DriverError }

/** Time kept for undoing a failed try; also what a call may take beyond its deadline. */
const UNDO_MS = 2_000
/** With a second client to fall back to, the first gets this part of the time. */
const FIRST_SHARE = 0.6

type Mounting = { request: MountRequest; held: Held; deadline: Deadline; made: readonly string[] }

const record = (
  system: System,
  { request, held, made }: Mounting,
  client: MountState['client'],
  daemon: ProcessIdentity | undefined,
): void => {
  const state: MountState = {
    version: 1,
    bootId: system.bootId(),
    target: request.target,
    volume: identityOf(request.volume),
    client,
    ...(daemon ? { process: daemon } : {}),
    adminSocket: held.places.adminSocket,
    logFile: held.places.logFile,
    made,
    pod: request.volume.pod,
    mountedAt: new Date().toISOString(),
  }
  system.files.replace(held.places.state, `${JSON.stringify(state)}\n`)
}

/** Leaves the target as it was before the try. What cannot be undone is in the log; the first error counts. */
const undo = async (system: System, { request, held }: Mounting): Promise<void> => {
  try {
    await detachAll(system, request.target, 'lazy', startDeadline(UNDO_MS))
  } catch (error) {
    system.log('undo failed', { message: toDriverError(error).message })
  }
  for (const file of [held.places.adminSocket, held.places.logFile]) system.files.remove(file)
}

const tryMounter = async (
  system: System,
  mounting: Mounting,
  mounter: Mounter,
  budgetMs: number,
): Promise<void> => {
  const { request, held, deadline } = mounting
  const { volume, target } = request
  const keyring = prepareKeyring(system, target)
  const release = mounter.name === 'fuse' && volume.fsName ? await fuseRelease(system) : undefined
  const context = {
    request,
    monitors: await resolveMonitors(system, volume.monitors),
    credentialFile: keyring.path,
    giveUpS: giveUpSeconds(budgetMs, mounter.patience),
    adminSocket: held.places.adminSocket,
    logFile: held.places.logFile,
    ...(release === undefined ? {} : { fuseRelease: release }),
    hasHelper: system.find('mount.ceph') !== undefined,
  }
  const attempt = { mounter, context, key: readCredential(system, volume), keyring }
  try {
    const result = await attemptMount(system, attempt, deadline, budgetMs)
    if (volume.fsGroupPolicy === 'root') await applyFsGroup(system, request, deadline)
    const daemon = mounter.name === 'fuse' ? findDaemon(system, result.pid ?? 0, result.stderr) : undefined
    record(system, mounting, mounter.name, daemon)
  } catch (error) {
    await undo(system, mounting)
    throw error
  }
}

const byFuse = async (system: System, mounting: Mounting, part: number): Promise<void> => {
  const problems = checkFuseMount(system)
  if (problems.length > 0) throw new DriverError('ENOFUSE', problems.join(', '))
  await tryMounter(system, mounting, mounters.fuse, budget(mounting, part))
}

const byKernel = (system: System, mounting: Mounting): Promise<void> =>
  tryMounter(system, mounting, mounters.kernel, budget(mounting, 1))

const budget = ({ deadline }: Mounting, part: number): number =>
  Math.max(3_000, (deadline.left() - UNDO_MS) * part)

const byEither = async (system: System, mounting: Mounting): Promise<MountReport> => {
  try {
    await byFuse(system, mounting, FIRST_SHARE)
    return { client: 'fuse', already: false }
  } catch (error) {
    const fellBackFrom = toDriverError(error)
    if (!mayFallBack(fellBackFrom.code)) throw error
    system.log('fallback', { code: fellBackFrom.code, message: fellBackFrom.message })
    try {
      await byKernel(system, mounting)
      return { client: 'kernel', already: false, fellBackFrom }
    } catch (second) {
      if (toDriverError(second).code === 'EINTERRUPTED') throw second
      throw bothFailed(fellBackFrom, toDriverError(second))
    }
  }
}

const mountHeld = async (
  system: System,
  request: MountRequest,
  held: Held,
  deadline: Deadline,
): Promise<MountReport> => {
  const existing = await inspectTarget(system, request, held.state)
  if (existing === 'ours') return { client: held.state?.client ?? 'fuse', already: true }
  if (existing === 'replace') {
    system.log('replace', { was: held.state?.volume })
    await detachAll(system, request.target, 'lazy', deadline)
  }
  forget(system, held.places, held.state)
  const made = prepareTarget(system, request)
  const mounting = { request, held, deadline, made }
  try {
    const { mounter } = request.volume
    if (mounter === 'auto') return await byEither(system, mounting)
    await (mounter === 'fuse' ? byFuse(system, mounting, 1) : byKernel(system, mounting))
    return { client: mounter, already: false }
  } catch (error) {
    for (const directory of made) system.files.removeDirectory(directory)
    throw error
  }
}

/**
 * Mounts a volume on a target, once: calling it again for the same volume does
 * nothing; a dead mount or one of another volume is replaced.
 *
 * Takes at most `timeoutS` of the volume and 2 s for undoing, since the
 * kubelet sets no limit. The key is in a file, in memory, only while the mount
 * program runs. A failure leaves no mount, key, process or directory behind.
 *
 * @throws DriverError any code of a mount, with the reason of each client that was tried.
 */
export const mountVolume = async (request: MountRequest, system: System): Promise<MountReport> => {
  if (!system.isRoot()) throw new DriverError('ENOTROOT', 'this process does not run as root')
  const target = resolveTarget(system, request.target)
  const deadline = startDeadline(request.volume.timeoutS * 1000)
  return withTarget(system, 'mount', target, deadline.left() - UNDO_MS, held =>
    mountHeld(system, { ...request, target }, held, deadline),
  )
}
