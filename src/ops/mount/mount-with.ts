import { NO_CEPH_CONF } from '../../core/config/node-config.js'
import { type Deadline, UNDO_MS } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { type Client, mounters } from '../../core/mounters/index.js'
import { snapshotPath } from '../../core/volume/snapshot-path.js'
import type { System } from '../../system/system.js'
import { requireReach } from '../namespaces/reach.js'
import { findDaemon } from '../target/daemon.js'
import { detachAll } from '../target/detach.js'
import { discard } from '../target/discard.js'
import type { Attempt } from './attempt.js'
import type { MountCall } from './call.js'
import { clientRelease } from './client-release.js'
import { explainNotDirectory } from './explain-not-directory.js'
import { applyFsGroup } from './fs-group.js'
import { giveUpSeconds, mountAndVerify } from './mount-and-verify.js'
import { announceMount, recordMount } from './record-mount.js'
import { mountSnapshot } from './snapshot.js'

const OTHERS_MAY_WRITE = 0o022

/**
 * Mounts with one client and writes the state of the mount. Undoes everything on failure.
 *
 * @throws CephflexError what {@link mountAndVerify} throws, ENOHOST, EBADKEY, ENORUNDIR, EFSGROUP, EHIDDEN.
 */
export async function mountWith(
  system: System,
  call: MountCall,
  client: Client,
  limit: Deadline,
): Promise<void> {
  const attempt = await prepareAttempt(system, call, client, limit)
  const { target, volume, mounter } = attempt
  try {
    announceMount(system, call, client, attempt)
    const snapshot = snapshotPath(volume, mounter)
    const result =
      snapshot === undefined
        ? await mountAndVerify(system, attempt)
        : await mountSnapshot(system, attempt, snapshot)
    requireReach(system, target)
    if (volume.fsGroupPolicy === 'root') await applyFsGroup(system, call, call.deadline)
    recordMount(system, call, client, findDaemon(system, mounter.daemon, result), attempt.session)
  } catch (error) {
    const cause = await explained(system, attempt, toCephflexError(error))
    await undo(system, call)
    throw cause
  }
}

async function prepareAttempt(
  system: System,
  { target, owner, volume, files, deadline, access }: MountCall,
  client: Client,
  limit: Deadline,
): Promise<Attempt> {
  checkCephConf(system)
  const mounter = mounters[client]
  const keyring = access.keyring()
  const release = mounter.needsRelease(volume)
    ? await clientRelease(system, mounter.program, limit)
    : undefined
  const monitors = await access.monitors(mounter, limit)
  const session = mounter.daemon && system.files.tryRead('/proc/sys/kernel/random/uuid')?.trim()
  return {
    ...{ client, mounter, target, owner, volume, monitors },
    ...{ key: access.key(), keyring, credentialFile: keyring.path },
    ...{ adminSocket: files.adminSocket, logFile: files.logFile },
    ...(release === undefined ? {} : { release }),
    ...(session ? { session } : {}),
    hasHelper: system.find('mount.ceph') !== undefined,
    giveUpS: giveUpSeconds(limit.left(), mounter.waitShare),
    ...{ deadline, limit },
  }
}

/** Adds to an error what only another look at the file system can tell. */
async function explained(system: System, attempt: Attempt, error: CephflexError): Promise<CephflexError> {
  return error.code === 'ENOTDIR' ? explainNotDirectory(system, attempt, error) : error
}

/**
 * The clients ignore a `ceph.conf` that they cannot read: they would mount with other settings.
 *
 * @throws CephflexError EBADCONFIG
 */
function checkCephConf({ config: { cephConf }, files }: System): void {
  if (cephConf === NO_CEPH_CONF) return
  const path = files.realPath(cephConf)
  const problem =
    path === undefined || files.kind(path) !== 'file'
      ? 'is not a file'
      : (files.mode(path) ?? 0) & OTHERS_MAY_WRITE
        ? 'is writable by users other than root'
        : undefined
  if (problem !== undefined) throw new CephflexError('EBADCONFIG', `cephConf ${cephConf} ${problem}`)
}

/** Leaves the target as it was before the attempt. Logs what cannot be undone, so that the first error is reported. */
async function undo(system: System, { target, files, deadline }: MountCall): Promise<void> {
  try {
    await detachAll(system, target, 'lazy', deadline.undo(UNDO_MS))
  } catch (error) {
    system.log('undo failed', { message: toCephflexError(error).message })
  }
  discard(system, [files.adminSocket, files.logFile])
}
