import { UNDO_MS } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import type { Client } from '../../core/mounters/index.js'
import { mountedOn } from '../../core/target/mount-table.js'
import { refTo } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import type { MountCall } from '../mount/call.js'
import { applyFsGroup } from '../mount/fs-group.js'
import { announceMount, recordTarget } from '../mount/record-mount.js'
import { requireReach } from '../namespaces/reach.js'
import { uncover } from '../target/detach.js'
import { type LockedTarget, withLockedTarget } from '../target/lock-target.js'
import { bindTarget } from './bind-target.js'
import { clientPath } from './client-path.js'
import { clientRecord } from './client-record.js'
import { ensureClient } from './ensure-client.js'
import { processStartS, throwIfFailed } from './failure.js'
import { releaseLocked } from './release-client.js'

/**
 * Mounts a volume through the client that its targets on this node share: starts the client if it does not run, and
 * bind-mounts it on the target, with the options of the target.
 *
 * The caller has locked the target. This locks the client as well, until the target is bound: so no other call ends the
 * client meanwhile. Undoes everything on failure, and leaves the targets of other pods alone.
 *
 * @param part of the time left for starting the client, if another client can follow.
 * @throws CephflexError what a mount throws, ELOCKED, ENOMOUNT, EHIDDEN, EFSGROUP, EDEAD if the client does not answer.
 */
export async function mountShared(
  system: System,
  call: MountCall,
  client: Client,
  part: number,
): Promise<void> {
  const { volume, deadline, access } = call
  const path = await clientPath(system, volume, client, access.key(), deadline)
  const limits = { lockMs: deadline.left() - UNDO_MS, deadline }
  await withLockedTarget(system, 'mount', path, limits, async locked => {
    throwIfFailed(system, path, call.beganS ?? processStartS(system))
    const record = await ensureClient(system, { ...call, path, locked }, client, part)
    const shared = refTo(path, record)
    try {
      announceMount(system, call, client, { shared })
      await bindTarget(system, call, path)
      requireReach(system, call.target)
      if (volume.fsGroupPolicy === 'root') await applyFsGroup(system, call, deadline)
      recordTarget(system, call, client, shared)
    } catch (error) {
      await undo(system, call, path, { ...locked, state: clientRecord(system, path) })
      throw error
    }
  })
}

/** Removes the bind mount of this call, and the client if it has no other. What fails is logged. */
async function undo(
  system: System,
  { target, deadline }: MountCall,
  path: string,
  locked: LockedTarget,
): Promise<void> {
  try {
    const table = system.mountInfo()
    const isBound = mountedOn(table, target).at(-1)?.device === mountedOn(table, path).at(-1)?.device
    if (isBound) await uncover(system, target, deadline.undo(UNDO_MS))
    await releaseLocked(system, path, locked, deadline.undo(UNDO_MS))
  } catch (error) {
    system.log('undo failed', { message: toCephflexError(error).message })
  }
}
