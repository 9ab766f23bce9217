import type { Monitor } from '../../core/ceph/monitors.js'
import { NO_CEPH_CONF } from '../../core/config/node-config.js'
import { type Deadline, startDeadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { dependsOnRelease } from '../../core/mounters/fuse-releases.js'
import type { Mounter } from '../../core/mounters/mounter.js'
import type { Secret } from '../../core/secret.js'
import type { MountRequest } from '../../core/target/mount-request.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import { identityOf, type MountState, recipeOf } from '../../core/target/state.js'
import { snapshotPath } from '../../core/volume/snapshot-path.js'
import { noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { pidNamespace, requireReach } from '../namespaces/reach.js'
import { findDaemon } from '../target/daemon.js'
import { detachAll } from '../target/detach.js'
import { discard } from '../target/discard.js'
import { keepKey } from '../target/kept-key.js'
import { prepareKeyring } from '../target/keyring.js'
import { type LockedTarget, UNDO_MS } from '../target/lock-target.js'
import type { TargetFiles } from '../target/target-files.js'
import { findProtocols } from '../volume/ask-monitors.js'
import { readKey } from '../volume/read-key.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'
import type { Attempt } from './attempt.js'
import { explainNotDirectory } from './explain-not-directory.js'
import { applyFsGroup } from './fs-group.js'
import { fuseRelease } from './fuse-release.js'
import { giveUpSeconds, mountAndVerify } from './mount-and-verify.js'
import { mountSnapshot } from './snapshot.js'

const OTHERS_MAY_WRITE = 0o022

/** A mount call that has locked its target, an empty directory. */
export type MountCall = {
  request: MountRequest
  locked: LockedTarget
  deadline: Deadline
  /** Directories to remove after the unmount, the deepest first. */
  createdDirectories: readonly string[]
  /** The target that the mount is for, if recovery mounts on a stage first. */
  recoveredTarget?: string
}

/**
 * The limit of one attempt, from the first look-up of a name to the end of the client. The call keeps the rest: a client
 * that was killed may take a second to end, and then the monitors are probed.
 *
 * @param part of the time left, if another client can follow.
 */
export function attemptLimit(deadline: Deadline, part: number): Deadline {
  return startDeadline(Math.max(1_000, (deadline.left() - UNDO_MS) * part))
}

/**
 * Mounts with one client and writes the state of the mount. Undoes everything on failure.
 *
 * @throws CephflexError what {@link mountAndVerify} throws, ENOHOST, EBADKEY, ENORUNDIR, EFSGROUP, EHIDDEN.
 */
export async function mountWith(
  system: System,
  call: MountCall,
  mounter: Mounter,
  limit: Deadline,
): Promise<void> {
  const { request, locked, deadline } = call
  const { volume, target } = request
  checkCephConf(system)
  const owner = call.recoveredTarget ?? target
  const keyring = prepareKeyring(system, target)
  const needsRelease =
    volume.fsName !== undefined || dependsOnRelease([...volume.options.fuseFlags, ...volume.options.fuse])
  const release = mounter.name === 'fuse' && needsRelease ? await fuseRelease(system, limit) : undefined
  const context = {
    request,
    monitors: await findMonitors(system, request, mounter, limit),
    credentialFile: keyring.path,
    giveUpS: giveUpSeconds(limit.left(), mounter.waitShare),
    adminSocket: locked.files.adminSocket,
    logFile: locked.files.logFile,
    ...(release === undefined ? {} : { fuseRelease: release }),
    hasHelper: system.find('mount.ceph') !== undefined,
  }
  const attempt = { mounter, context, key: readKey(system, volume), keyring }
  try {
    const snapshot = snapshotPath(volume.path, volume.options, mounter.name)
    const result =
      snapshot === undefined
        ? await mountAndVerify(system, attempt, deadline, limit)
        : await mountSnapshot(system, attempt, snapshot, owner, { deadline, limit })
    requireReach(system, target)
    if (volume.fsGroupPolicy === 'root') await applyFsGroup(system, request, deadline)
    const daemon = mounter.name === 'fuse' ? findDaemon(system, result.pid ?? 0, result.stderr) : undefined
    recordMount(system, call, mounter.name, daemon, attempt.key)
  } catch (error) {
    const cause = await explained(system, attempt, owner, deadline, toCephflexError(error))
    await undo(system, call)
    throw cause
  }
}

/** Adds to an error what only another look at the file system can tell. */
async function explained(
  system: System,
  attempt: Attempt,
  owner: string,
  deadline: Deadline,
  error: CephflexError,
): Promise<CephflexError> {
  return error.code === 'ENOTDIR' ? explainNotDirectory(system, attempt, owner, deadline, error) : error
}

/** The addresses and protocols of the monitors. The kernel client tries only one port of a host, so it must be known. */
async function findMonitors(
  system: System,
  { volume }: MountRequest,
  { name }: Mounter,
  limit: Deadline,
): Promise<readonly Monitor[]> {
  const addresses = await resolveMonitors(system, volume.monitors, limit)
  return findProtocols(system, addresses, limit, name === 'kernel' && volume.msMode === undefined)
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

/** Writes the state that `unmount` needs: the kubelet passes it only the directory. */
function recordMount(
  system: System,
  { request, locked, createdDirectories, recoveredTarget }: MountCall,
  client: MountState['client'],
  daemon: ProcessIdentity | undefined,
  key: Secret,
): void {
  const space = pidNamespace(system)
  const state: MountState = {
    version: 1,
    bootId: system.bootId(),
    target: recoveredTarget ?? request.target,
    volume: identityOf(request.volume),
    recipe: recipeOf(request.volume),
    ...(recoveredTarget === undefined ? {} : { recovered: true as const }),
    client,
    ...(daemon ? { process: daemon } : {}),
    ...(space === undefined ? {} : { pidNamespace: space }),
    adminSocket: locked.files.adminSocket,
    logFile: locked.files.logFile,
    made: createdDirectories,
    pod: request.volume.pod,
    mountedAt: new Date().toISOString(),
  }
  writeState(system, locked.files, state)
  if (request.volume.credential.from === 'secret') keepKey(system, locked.files, key)
}

/** A mount without state is refused: the next mount call would not know it, and replace it under its pod. */
function writeState({ files }: System, { state: path }: TargetFiles, state: MountState): void {
  try {
    files.replace(path, `${JSON.stringify(state)}\n`)
  } catch (error) {
    throw noRunFile(path, error)
  }
}

/** Leaves the target as it was before the attempt. Logs what cannot be undone, so that the first error is reported. */
async function undo(system: System, { request, locked }: MountCall): Promise<void> {
  try {
    await detachAll(system, request.target, 'lazy', startDeadline(UNDO_MS))
  } catch (error) {
    system.log('undo failed', { message: toCephflexError(error).message })
  }
  discard(system, [locked.files.adminSocket, locked.files.logFile])
}
