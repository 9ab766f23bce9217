import { type Deadline, startDeadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { bothFailed, mayFallBack } from '../../core/mounters/fallback.js'
import { mounters } from '../../core/mounters/index.js'
import type { MountRequest } from '../../core/target/mount-request.js'
import type { System } from '../../system/system.js'
import { requireReach } from '../namespaces/reach.js'
import { waitForDaemons } from '../target/daemon.js'
import { detachAll } from '../target/detach.js'
import { guardTarget, unguardTarget } from '../target/guard.js'
import { forget, type LockedTarget, UNDO_MS, withLockedTarget } from '../target/lock-target.js'
import { requireRoot } from '../target/require-root.js'
import { resolveTarget } from '../target/resolve-target.js'
import { checkFuseMount } from './check-fuse.js'
import { inspectTarget, prepareTarget } from './existing.js'
import { attemptLimit, type MountCall, mountWith } from './mount-with.js'
import { requireSelinux } from './require-selinux.js'

/** What a mount call did. `already`: the volume was mounted before; `fellBackFrom`: why ceph-fuse failed. */
export type MountReport = { client: 'fuse' | 'kernel'; already: boolean; fellBackFrom?: CephflexError }

/** Part of the time that ceph-fuse gets if the kernel client can follow. */
const FUSE_SHARE = 0.6

/**
 * Mounts a volume on a target. Idempotent: does nothing if the volume is already
 * mounted there. Replaces a dead mount and a mount of another volume.
 *
 * Takes at most the volume's `timeoutS` plus 2 s for undoing, since the kubelet
 * sets no limit. The key is in a file, in memory, only while the mount program
 * runs. A failure leaves no mount, key, process or directory behind.
 *
 * One call, in order:
 * 1. `mountVolume` locks the target, inspects it, makes it an empty directory and chooses the client.
 * 2. {@link mountWith} prepares key, monitors and time limits for one client, and records the mount.
 * 3. `mountAndVerify` has the client mount, then checks the mount table and the root.
 * 4. `runAttempt` runs the mount program with the key in place.
 * 5. `diagnoseFailure` turns a failed attempt into an error with its cause.
 *
 * @throws CephflexError any code of a mount, with the reason of each client that was tried.
 */
export async function mountVolume(request: MountRequest, system: System): Promise<MountReport> {
  requireRoot(system)
  requireSelinux(system, request.volume)
  const target = resolveTarget(system, request.target)
  const deadline = startDeadline(request.volume.timeoutS * 1000)
  return withLockedTarget(system, 'mount', target, deadline.left() - UNDO_MS, locked =>
    mountLocked(system, { ...request, target }, locked, deadline),
  )
}

async function mountLocked(
  system: System,
  request: MountRequest,
  locked: LockedTarget,
  deadline: Deadline,
): Promise<MountReport> {
  const existing = await inspectTarget(system, request, locked.state)
  if (existing === 'ours') {
    requireReach(system, request.target)
    return { client: locked.state?.client ?? 'fuse', already: true }
  }
  if (existing === 'replace') {
    system.log('replace', { was: locked.state?.volume })
    await detachAll(system, request.target, 'lazy', deadline)
    await waitForDaemons(system, request.target, locked.state, deadline)
  }
  forget(system, locked.files, locked.state)
  // directories that an earlier call created for this target are removed too
  const createdDirectories = [...prepareTarget(system, request), ...(locked.state?.made ?? [])]
  const call = { request, locked, deadline, createdDirectories }
  try {
    await guardTarget(system, request.target)
    const { mounter } = request.volume
    if (mounter === 'auto') return await mountAuto(system, call)
    await (mounter === 'fuse' ? mountWithFuse(system, call, 1) : mountWithKernel(system, call))
    return { client: mounter, already: false }
  } catch (error) {
    await unguardTarget(system, request.target)
    for (const directory of createdDirectories) system.files.removeDirectory(directory)
    throw error
  }
}

async function mountAuto(system: System, call: MountCall): Promise<MountReport> {
  try {
    await mountWithFuse(system, call, FUSE_SHARE)
    return { client: 'fuse', already: false }
  } catch (error) {
    const fellBackFrom = toCephflexError(error)
    if (!mayFallBack(fellBackFrom.code)) throw error
    system.log('fallback', { code: fellBackFrom.code, message: fellBackFrom.message })
    try {
      await mountWithKernel(system, call)
      return { client: 'kernel', already: false, fellBackFrom }
    } catch (second) {
      if (toCephflexError(second).code === 'EINTERRUPTED') throw second
      throw bothFailed(fellBackFrom, toCephflexError(second))
    }
  }
}

async function mountWithFuse(system: System, call: MountCall, part: number): Promise<void> {
  const problems = checkFuseMount(system)
  if (problems.length > 0) throw new CephflexError('ENOFUSE', problems.join(', '))
  await mountWith(system, call, mounters.fuse, attemptLimit(call.deadline, part))
}

function mountWithKernel(system: System, call: MountCall): Promise<void> {
  return mountWith(system, call, mounters.kernel, attemptLimit(call.deadline, 1))
}
