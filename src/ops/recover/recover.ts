import { startDeadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import type { OurMount } from '../../core/node/inventory.js'
import type { RecoveryReport } from '../../core/recover/recovery.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { exposesLost, usersOf } from '../namespaces/others.js'
import { absenceOf, healthOfMount, listMounts, mapConcurrently, takeInventory } from '../node/inventory.js'
import { uptimeS } from '../sharing/failure.js'
import { withLockedTarget } from '../target/lock-target.js'
import { requireRoot } from '../target/require-root.js'
import { remount } from './remount.js'

const PROBE_MS = 2_500
/** Short: a call of the kubelet that has locked the target mounts the volume itself. */
const LOCK_MS = 1_000
/** For what a killed call has left. */
const CLEAN_UP_MS = 5_000

/**
 * Finds the mounts whose client has exited or is blocklisted, and mounts each
 * again: on a private stage, then bind-mounted over the dead mount. A client that
 * several targets share is started once, and bind-mounted over each. The target
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
  const beganS = uptimeS(system)
  const found = await mapConcurrently(mounts, async mount => {
    const was = await damageOf(system, mount)
    if (was === undefined) return []
    const { target, client, state } = mount
    if (dryRun && reachProblem(mount, was) === undefined)
      return [
        {
          target,
          client,
          was,
          pod: { uid: podVolumeOf(target)?.uid, ...state?.pod },
          outcome: 'needed' as const,
        },
      ]
    return [await recoverOne(system, mount, was, beganS)]
  })
  return found.flat().filter(({ outcome }) => outcome !== 'healthy')
}

async function recoverOne(
  system: System,
  mount: OurMount,
  was: RecoveryReport['was'],
  beganS: number,
): Promise<RecoveryReport> {
  const { target, client, state } = mount
  const pod = { uid: podVolumeOf(target)?.uid, ...state?.pod }
  const about = { target, client, was, pod }
  try {
    const limits = { lockMs: LOCK_MS, deadline: startDeadline(LOCK_MS + CLEAN_UP_MS) }
    return await withLockedTarget(system, 'recover', target, limits, async locked => {
      const inventory = takeInventory(system)
      const now = inventory.mounts.find(other => other.target === target)
      const damage = now && (await damageOf(system, now))
      if (now === undefined || damage === undefined) return { ...about, outcome: 'healthy' }
      const problem = reachProblem(now, damage)
      if (problem) throw problem
      if (locked.state === undefined)
        throw new CephflexError('ENOKEY', 'it is not known how the volume was mounted')
      const lost = await remount(system, locked.state, locked.files, beganS)
      const affected = usersOf(system, lost, target, inventory).filter(namespace =>
        exposesLost(namespace, lost, inventory),
      )
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
  return isExpected ? absenceOf(system, mount) : undefined
}

/** Why a mount must not be made here: its client lives, or may live, or the mount is in another mount namespace. */
function reachProblem({ state, seenBy }: OurMount, was: RecoveryReport['was']): CephflexError | undefined {
  if (seenBy)
    return new CephflexError(
      'EHIDDEN',
      `it is mounted in the mount namespace of process ${seenBy.pid} (${seenBy.name})`,
      {
        hint: `run this command there: nsenter --target ${seenBy.pid} --mount`,
      },
    )
  if (was === 'hidden')
    return new CephflexError('EHIDDEN', `its client, process ${state?.process?.pid}, still runs`, {
      hint: 'delete the pod: the kubelet then unmounts the volume and mounts it again',
    })
  if (was !== 'unknown') return undefined
  return new CephflexError('EHIDDEN', 'it is not known whether its client still runs', {
    hint: 'run this command where it sees the processes of the node; in a pod, set hostPID',
  })
}
