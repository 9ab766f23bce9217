import { type Deadline, startDeadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { bothFailed, mayFallBack } from '../../core/mounters/fallback.js'
import { mounters } from '../../core/mounters/index.js'
import type { MountRequest } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import { waitForDaemons } from '../target/daemon.js'
import { detachAll } from '../target/detach.js'
import { guardTarget, unguardTarget } from '../target/guard.js'
import { forget, type LockedTarget, UNDO_MS, withLockedTarget } from '../target/lock-target.js'
import { requireRoot } from '../target/require-root.js'
import { resolveTarget } from '../target/resolve-target.js'
import { checkFuseMount } from './check-fuse.js'
import { inspectTarget, prepareTarget } from './existing.js'
import { type MountCall, mountWith } from './mount-with.js'

/** What was done, for the log and for people. */
export type MountReport = { client: 'fuse' | 'kernel'; already: boolean; fellBackFrom?: CephflexError }

/** With a second client to fall back to, the first gets this part of the time. */
const FIRST_SHARE = 0.6

/**
 * Mounts a volume on a target, once: calling it again for the same volume does
 * nothing; a dead mount or one of another volume is replaced.
 *
 * Takes at most `timeoutS` of the volume and 2 s for undoing, since the
 * kubelet sets no limit. The key is in a file, in memory, only while the mount
 * program runs. A failure leaves no mount, key, process or directory behind.
 *
 * @throws CephflexError any code of a mount, with the reason of each client that was tried.
 */
export async function mountVolume(request: MountRequest, system: System): Promise<MountReport> {
  requireRoot(system)
  const target = resolveTarget(system, request.target)
  const deadline = startDeadline(request.volume.timeoutS * 1000)
  return withLockedTarget(system, 'mount', target, deadline.left() - UNDO_MS, held =>
    mountHeld(system, { ...request, target }, held, deadline),
  )
}

async function mountHeld(
  system: System,
  request: MountRequest,
  held: LockedTarget,
  deadline: Deadline,
): Promise<MountReport> {
  const existing = await inspectTarget(system, request, held.state)
  if (existing === 'ours') return { client: held.state?.client ?? 'fuse', already: true }
  if (existing === 'replace') {
    system.log('replace', { was: held.state?.volume })
    await detachAll(system, request.target, 'lazy', deadline)
    await waitForDaemons(system, request.target, held.state, deadline)
  }
  forget(system, held.files, held.state)
  // what an earlier call made for this target is still ours to remove
  const made = [...prepareTarget(system, request), ...(held.state?.made ?? [])]
  const mounting = { request, held, deadline, made }
  try {
    await guardTarget(system, request.target)
    const { mounter } = request.volume
    if (mounter === 'auto') return await byEither(system, mounting)
    await (mounter === 'fuse' ? byFuse(system, mounting, 1) : byKernel(system, mounting))
    return { client: mounter, already: false }
  } catch (error) {
    await unguardTarget(system, request.target)
    for (const directory of made) system.files.removeDirectory(directory)
    throw error
  }
}

async function byEither(system: System, mounting: MountCall): Promise<MountReport> {
  try {
    await byFuse(system, mounting, FIRST_SHARE)
    return { client: 'fuse', already: false }
  } catch (error) {
    const fellBackFrom = toCephflexError(error)
    if (!mayFallBack(fellBackFrom.code)) throw error
    system.log('fallback', { code: fellBackFrom.code, message: fellBackFrom.message })
    try {
      await byKernel(system, mounting)
      return { client: 'kernel', already: false, fellBackFrom }
    } catch (second) {
      if (toCephflexError(second).code === 'EINTERRUPTED') throw second
      throw bothFailed(fellBackFrom, toCephflexError(second))
    }
  }
}

async function byFuse(system: System, mounting: MountCall, part: number): Promise<void> {
  const problems = checkFuseMount(system)
  if (problems.length > 0) throw new CephflexError('ENOFUSE', problems.join(', '))
  await mountWith(system, mounting, mounters.fuse, budget(mounting, part))
}

function byKernel(system: System, mounting: MountCall): Promise<void> {
  return mountWith(system, mounting, mounters.kernel, budget(mounting, 1))
}

function budget({ deadline }: MountCall, part: number): number {
  return Math.max(1_000, (deadline.left() - UNDO_MS) * part)
}
