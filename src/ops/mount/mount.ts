import { type Deadline, startDeadline, UNDO_MS } from '../../core/deadline.js'
import type { CephflexError } from '../../core/errors.js'
import { type Client, USUAL_CLIENT } from '../../core/mounters/index.js'
import type { MountRequest } from '../../core/target/mount-request.js'
import { mountedOn } from '../../core/target/mount-table.js'
import type { System } from '../../system/system.js'
import { requireReach } from '../namespaces/reach.js'
import { detachDeadBinds } from '../recover/sub-paths.js'
import { leaveTarget } from '../sharing/leave-target.js'
import { detachAll } from '../target/detach.js'
import { guardTarget, unguardTarget } from '../target/guard.js'
import { forget, type LockedTarget, withLockedTarget } from '../target/lock-target.js'
import { requireRoot } from '../target/require-root.js'
import { resolveTarget } from '../target/resolve-target.js'
import { accessTo } from './access.js'
import { inspectTarget, prepareTarget } from './existing.js'
import { finishMount } from './finish-mount.js'
import { mountWithAny } from './mount-with-any.js'
import { requireSelinux } from './require-selinux.js'

/** What a mount call did. `already`: the volume was mounted before; `fellBackFrom`: why the first client failed. */
export type MountReport = { client: Client; already: boolean; fellBackFrom?: CephflexError }

/**
 * Mounts a volume on a target. Idempotent: does nothing if the volume is already
 * mounted there. Replaces a dead mount and a mount of another volume.
 *
 * Takes at most the volume's `timeoutS` plus 2 s for undoing, since the kubelet
 * sets no limit. The key is in a file, in memory, only while the mount program
 * runs. A failure leaves no mount, key, process or directory behind.
 *
 * One call, in order:
 * 1. `mountVolume` locks the target, inspects it and makes it an empty directory.
 * 2. {@link mountWithAny} tries the clients of the volume, one after the other.
 * 3. `mountWith` prepares key, monitors and time limits for one client, and records the mount before and after it.
 * 4. `mountAndVerify` has the client mount, then checks the mount table and the root.
 * 5. `runAttempt` runs the mount program with the key in place.
 * 6. `diagnoseFailure` turns a failed attempt into an error with its cause.
 *
 * @throws CephflexError any code of a mount, with the reason of each client that was tried.
 */
export async function mountVolume(request: MountRequest, system: System): Promise<MountReport> {
  requireRoot(system)
  requireSelinux(system, request.volume)
  const target = resolveTarget(system, request.target)
  const deadline = startDeadline(request.volume.timeoutS * 1000)
  const limits = { lockMs: deadline.left() - UNDO_MS, deadline }
  return withLockedTarget(system, 'mount', target, limits, locked =>
    mountLocked(system, { ...request, target }, locked, deadline),
  )
}

async function mountLocked(
  system: System,
  request: MountRequest,
  locked: LockedTarget,
  deadline: Deadline,
): Promise<MountReport> {
  const existing = await inspectTarget(system, request, locked.state, deadline)
  if (existing === 'ours') {
    requireReach(system, request.target)
    await finishMount(system, locked, request.volume, deadline)
    return { client: locked.state?.client ?? USUAL_CLIENT, already: true }
  }
  await leaveTarget(system, request.target, locked, deadline, async () => {
    if (existing === 'none') return 0
    system.log('replace', { was: locked.state?.volume })
    return detachAll(system, request.target, 'lazy', deadline)
  })
  const { target, volume } = request
  // directories that an earlier call created for this target are removed too
  const made = [...prepareTarget(system, request), ...(locked.state?.made ?? [])]
  const access = accessTo(system, target, volume)
  try {
    await guardTarget(system, target, deadline)
    const place = { target, owner: target, isFirst: true, files: locked.files, made }
    const mounted = await mountWithAny(system, { ...place, volume, deadline, access })
    await detachDeadBinds(system, { own: system.mountInfo() }, target, deadline)
    return { ...mounted, already: false }
  } catch (error) {
    // what could not be unmounted keeps its state, so that it can be recovered
    if (mountedOn(system.mountInfo(), target).length === 0) forget(system, locked.files, undefined)
    await unguardTarget(system, target, deadline.undo(UNDO_MS))
    for (const directory of made) system.files.removeDirectory(directory)
    throw error
  }
}
