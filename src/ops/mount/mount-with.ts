import { type Deadline, startDeadline } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import { dependsOnRelease } from '../../core/mounters/fuse-releases.js'
import type { Mounter } from '../../core/mounters/mounter.js'
import type { Secret } from '../../core/secret.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import { identityOf, type MountState, recipeOf } from '../../core/target/state.js'
import type { MountRequest } from '../../core/volume/volume.js'
import type { System } from '../../system/system.js'
import { findDaemon } from '../target/daemon.js'
import { detachAll } from '../target/detach.js'
import { keepKey } from '../target/kept-key.js'
import { prepareKeyring } from '../target/keyring.js'
import { type LockedTarget, UNDO_MS } from '../target/lock-target.js'
import { readKey } from '../volume/read-key.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'
import { applyFsGroup } from './fs-group.js'
import { fuseRelease } from './fuse-release.js'
import { giveUpSeconds, mountAndVerify } from './mount-and-verify.js'

/** One mount call at work: alone on its target, which is an empty directory. */
export type MountCall = {
  request: MountRequest
  held: LockedTarget
  deadline: Deadline
  made: readonly string[]
  /** What the mount is for, if it is first made elsewhere and then laid over a dead one. */
  over?: string
}

/**
 * Tries to mount with one client, and undoes it if it fails.
 *
 * @throws CephflexError what {@link mountAndVerify} found, ENOHOST, EBADKEY, ENORUNDIR, EFSGROUP.
 */
export async function mountWith(
  system: System,
  mounting: MountCall,
  mounter: Mounter,
  budgetMs: number,
): Promise<void> {
  const { request, held, deadline } = mounting
  const { volume, target } = request
  const keyring = prepareKeyring(system, target)
  const matters =
    volume.fsName !== undefined || dependsOnRelease([...volume.options.fuseFlags, ...volume.options.fuse])
  const release = mounter.name === 'fuse' && matters ? await fuseRelease(system) : undefined
  const context = {
    request,
    monitors: await resolveMonitors(system, volume.monitors),
    credentialFile: keyring.path,
    giveUpS: giveUpSeconds(budgetMs, mounter.waitShare),
    adminSocket: held.files.adminSocket,
    logFile: held.files.logFile,
    ...(release === undefined ? {} : { fuseRelease: release }),
    hasHelper: system.find('mount.ceph') !== undefined,
  }
  const attempt = { mounter, context, key: readKey(system, volume), keyring }
  try {
    const result = await mountAndVerify(system, attempt, deadline, budgetMs)
    if (volume.fsGroupPolicy === 'root') await applyFsGroup(system, request, deadline)
    const daemon = mounter.name === 'fuse' ? findDaemon(system, result.pid ?? 0, result.stderr) : undefined
    record(system, mounting, mounter.name, daemon, attempt.key)
  } catch (error) {
    await undo(system, mounting)
    throw error
  }
}

/** Notes what unmount will need; it gets nothing but the directory. */
function record(
  system: System,
  { request, held, made, over }: MountCall,
  client: MountState['client'],
  daemon: ProcessIdentity | undefined,
  key: Secret,
): void {
  const state: MountState = {
    version: 1,
    bootId: system.bootId(),
    target: over ?? request.target,
    volume: identityOf(request.volume),
    recipe: recipeOf(request.volume),
    ...(over === undefined ? {} : { recovered: true as const }),
    client,
    ...(daemon ? { process: daemon } : {}),
    adminSocket: held.files.adminSocket,
    logFile: held.files.logFile,
    made,
    pod: request.volume.pod,
    mountedAt: new Date().toISOString(),
  }
  system.files.replace(held.files.state, `${JSON.stringify(state)}\n`)
  if (request.volume.credential.from === 'secret') keepKey(system, held.files, key)
}

/** Leaves the target as it was before the try. What cannot be undone is in the log; the first error counts. */
async function undo(system: System, { request, held }: MountCall): Promise<void> {
  try {
    await detachAll(system, request.target, 'lazy', startDeadline(UNDO_MS))
  } catch (error) {
    system.log('undo failed', { message: toCephflexError(error).message })
  }
  for (const file of [held.files.adminSocket, held.files.logFile]) system.files.remove(file)
}
