import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { OurMount } from '../../core/node/inventory.js'
import type { RecoveryReport } from '../../core/recover/recovery.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { healthOfMount, listMounts, mapConcurrently } from '../node/inventory.js'
import { withLockedTarget } from '../target/lock-target.js'
import { requireRoot } from '../target/require-root.js'
import { exposesLost, usersOf } from './namespaces.js'
import { remount } from './remount.js'

const LOOK_MS = 2_500
/** A call of the kubelet that works on the target repairs it itself. */
const LOCK_MS = 1_000

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
 * @throws CephflexError ENOTROOT, EBADREQUEST if `only` is no mount of ours.
 */
export async function recoverMounts(
  system: System,
  { only, dryRun }: { only?: string | undefined; dryRun: boolean },
): Promise<RecoveryReport[]> {
  requireRoot(system)
  const mounts = listMounts(system).filter(({ target }) => only === undefined || target === only)
  if (only !== undefined && mounts.length === 0)
    throw new CephflexError('EBADREQUEST', `${only} is not a mount of this driver`, {
      hint: 'list the mounts with "cephflex status"',
    })
  const found = await mapConcurrently(mounts, async mount => {
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

async function recoverOne(
  system: System,
  mount: OurMount,
  was: RecoveryReport['was'],
): Promise<RecoveryReport> {
  const { target, client, state } = mount
  const pod = { uid: podVolumeOf(target)?.uid, ...state?.pod }
  const about = { target, client, was, pod }
  try {
    return await withLockedTarget(system, 'recover', target, LOCK_MS, async held => {
      const now = listMounts(system).find(other => other.target === target)
      if (now === undefined || (await ailmentOf(system, now)) === undefined)
        return { ...about, outcome: 'healthy' }
      if (held.state === undefined)
        throw new CephflexError('ENOKEY', 'it is not known how the volume was mounted')
      const lost = await remount(system, target, held.state, held)
      const blind = usersOf(system, lost, target).filter(namespace => exposesLost(namespace, lost, target))
      const holders = blind.map(({ process }) => ({ pid: process.pid, name: process.name }))
      // a mount that is gone left nothing that a running pod could see the new one over
      return { ...about, outcome: 'recovered', restart: was === 'gone' || holders.length > 0, holders }
    })
  } catch (error) {
    const { code, message, hint } = toCephflexError(error)
    system.log('failed', { target, code, message })
    return { ...about, outcome: 'failed', code, message, hint }
  }
}

/** What is wrong with a mount so that it must be made again; undefined if nothing is, or waiting may help. */
async function ailmentOf(system: System, mount: OurMount): Promise<RecoveryReport['was'] | undefined> {
  if (mount.entry) {
    const health = await healthOfMount(system, mount, LOOK_MS)
    return health === 'dead' || health === 'evicted' ? health : undefined
  }
  // by hand somebody may have unmounted on purpose; the kubelet would have told us
  const isWanted = podVolumeOf(mount.target) !== undefined && system.files.kind(mount.target) === 'directory'
  return isWanted ? 'gone' : undefined
}
