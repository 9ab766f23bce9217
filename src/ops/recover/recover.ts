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

const PROBE_MS = 2_500
/** Short: a call of the kubelet that has locked the target mounts the volume itself. */
const LOCK_MS = 1_000

/**
 * Finds the mounts whose client has exited or is blocklisted, and mounts each
 * again: on a private stage, then bind-mounted over the dead mount. The target
 * never shows the node's disk, and pods with `mountPropagation: HostToContainer`
 * see the new mount at once.
 *
 * Leaves a hung mount alone: it recovers with its cluster. This process itself
 * never touches a mounted directory.
 *
 * @param only one target; without it, all.
 * @returns the mounts that needed it.
 * @throws CephflexError ENOTROOT, EBADREQUEST if `only` is not a mount of this driver.
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
    const was = await damageOf(system, mount)
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
    return await withLockedTarget(system, 'recover', target, LOCK_MS, async locked => {
      const now = listMounts(system).find(other => other.target === target)
      if (now === undefined || (await damageOf(system, now)) === undefined)
        return { ...about, outcome: 'healthy' }
      if (locked.state === undefined)
        throw new CephflexError('ENOKEY', 'it is not known how the volume was mounted')
      const lost = await remount(system, target, locked.state, locked)
      const affected = usersOf(system, lost, target).filter(namespace => exposesLost(namespace, lost, target))
      const holders = affected.map(({ process }) => ({ pid: process.pid, name: process.name }))
      // without the old mount, a running pod has nothing that the new one could cover
      return { ...about, outcome: 'recovered', restart: was === 'gone' || holders.length > 0, holders }
    })
  } catch (error) {
    const { code, message, hint } = toCephflexError(error)
    system.log('failed', { target, code, message })
    return { ...about, outcome: 'failed', code, message, hint }
  }
}

/** Why a mount must be made again; undefined if it is healthy or waiting may help. */
async function damageOf(system: System, mount: OurMount): Promise<RecoveryReport['was'] | undefined> {
  if (mount.entry) {
    const health = await healthOfMount(system, mount, PROBE_MS)
    return health === 'dead' || health === 'evicted' ? health : undefined
  }
  // another target may have been unmounted on purpose; for a pod's volume the kubelet would have called `unmount`
  const isExpected =
    podVolumeOf(mount.target) !== undefined && system.files.kind(mount.target) === 'directory'
  return isExpected ? 'gone' : undefined
}
