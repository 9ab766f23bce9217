import { startDeadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { containerOf } from '../../core/namespaces/pod-files.js'
import type { OurMount } from '../../core/node/inventory.js'
import { aboutMount, type RecoveryReport } from '../../core/recover/recovery.js'
import type { System } from '../../system/system.js'
import { exposesLost, type Namespace, usersOf } from '../namespaces/others.js'
import { listMounts, mapConcurrently, takeInventory } from '../node/inventory.js'
import { uptimeS } from '../sharing/failure.js'
import { endEvicted } from '../target/evicted.js'
import { type LockedTarget, withLockedTarget } from '../target/lock-target.js'
import { requireRoot } from '../target/require-root.js'
import { readBindTables } from './bind-tables.js'
import { damageOf, reachProblem } from './damage.js'
import { remount } from './remount.js'
import { settleUnfinished } from './settle.js'
import { detachCommand, detachDeadBinds } from './sub-paths.js'

/** Short: a call of the kubelet that has locked the target mounts the volume itself. */
const LOCK_MS = 1_000
/** For the binds of one volume. */
const SUB_PATHS_MS = 10_000
/** For what a killed call has left. */
const CLEAN_UP_MS = 5_000

/**
 * Finds the mounts whose client has exited or is blocklisted, and mounts each
 * again: on a private stage, then bind-mounted over the dead mount. A client that
 * several targets share is started once, and bind-mounted over each. The target
 * never shows the node's disk, and pods with `mountPropagation: HostToContainer`
 * see the new mount at once. The kubelet's dead binds for subPaths are detached, so that their containers can restart.
 *
 * Leaves a hung mount alone: it recovers with its cluster. This process itself
 * never touches a mounted directory.
 *
 * @param only one target; without it, all. @param among of these targets, those that are mounts of this driver.
 * @returns the mounts that needed it, and those that a killed call had left unfinished and that cannot be finished.
 * @throws CephflexError ENOTROOT, EBADREQUEST if `only` is not a mount of this driver.
 */
export async function recoverMounts(
  system: System,
  { only, among, dryRun }: { only?: string | undefined; among?: readonly string[]; dryRun: boolean },
): Promise<RecoveryReport[]> {
  requireRoot(system)
  const chosen = only === undefined ? among : [only]
  const unsettled = dryRun ? [] : await settleUnfinished(system, chosen)
  const mounts = listMounts(system).filter(({ target }) => chosen?.includes(target) ?? true)
  if (only !== undefined && mounts.length === 0)
    throw new CephflexError('EBADREQUEST', `${only} is not a mount of this driver`, {
      hint: 'list the mounts with "cephflex status"',
    })
  const beganS = uptimeS(system)
  const tables = readBindTables(system)
  const found = await mapConcurrently(mounts, async mount => {
    const was = await damageOf(system, mount, tables)
    if (was === undefined) return []
    if (dryRun && reachProblem(mount, was) === undefined)
      return [{ ...aboutMount(mount, was), outcome: 'needed' as const }]
    return [await recoverOne(system, mount, was, beganS)]
  })
  const reports = found.flat().filter(({ outcome }) => outcome !== 'healthy')
  // after all of them, since a client may serve several
  for (const { target, state } of mounts)
    if (state && reports.some(report => report.target === target && isReplaced(report)))
      endEvicted(system, state)
  return [...reports, ...unsettled.filter(({ target }) => !reports.some(report => report.target === target))]
}

function isReplaced({ was, outcome }: RecoveryReport): boolean {
  return was === 'evicted' && outcome === 'recovered'
}

async function recoverOne(
  system: System,
  mount: OurMount,
  was: RecoveryReport['was'],
  beganS: number,
): Promise<RecoveryReport> {
  const { target } = mount
  const about = aboutMount(mount, was)
  try {
    const limits = { lockMs: LOCK_MS, deadline: startDeadline(LOCK_MS + CLEAN_UP_MS) }
    return await withLockedTarget(system, 'recover', target, limits, locked =>
      recoverLocked(system, about, locked, beganS),
    )
  } catch (error) {
    const { code, message, hint } = toCephflexError(error)
    system.log('failed', { target, code, message })
    return { ...about, outcome: 'failed', code, message, hint }
  }
}

async function recoverLocked(
  system: System,
  about: ReturnType<typeof aboutMount>,
  { state, files }: LockedTarget,
  beganS: number,
): Promise<RecoveryReport> {
  const { target, pod } = about
  const inventory = takeInventory(system)
  const now = inventory.mounts.find(other => other.target === target)
  const was = now && (await damageOf(system, now, readBindTables(system)))
  if (now === undefined || was === undefined) return { ...about, outcome: 'healthy' }
  const problem = reachProblem(now, was)
  if (problem) throw problem
  if (was === 'subPath') return { ...about, was, ...(await freeSubPaths(system, target)) }
  if (state === undefined) throw new CephflexError('ENOKEY', 'it is not known how the volume was mounted')
  const lost = await remountHeld(system, state, files, beganS)
  const holders = usersOf(system, lost, target, inventory)
    .filter(namespace => exposesLost(namespace, lost, inventory))
    .map(namespace => holderOf(namespace, pod.uid))
  const subPaths = await freeSubPaths(system, target)
  // a mount table that is read while others change it may miss a line
  const found = was === 'gone' && lost.size > 0 ? 'dead' : was
  // without the old mount, a running pod has nothing that the new one could cover
  const restart = found === 'gone' || holders.length > 0
  return { ...about, ...subPaths, was: found, outcome: 'recovered', restart, holders }
}

/**
 * An MDS keeps the directory of a client that died until its `session_timeout`, 60 s by default: longer than one attempt.
 * A cluster that does not answer gets only one.
 */
async function remountHeld(...[system, state, files, beganS]: Parameters<typeof remount>) {
  try {
    return await remount(system, state, files, beganS)
  } catch (error) {
    if (toCephflexError(error).code !== 'EHELD') throw error
    // no failure so far counts
    return remount(system, state, files, Number.POSITIVE_INFINITY)
  }
}

function holderOf({ process: { pid, name }, mounts }: Namespace, uid: string | undefined) {
  const container = uid === undefined ? undefined : containerOf(mounts, uid)
  return { pid, name, ...(container === undefined ? {} : { container }) }
}

/** Detaches what keeps containers with a subPath from starting. The outcome counts where nothing else was lost. */
async function freeSubPaths(
  system: System,
  target: string,
): Promise<Pick<RecoveryReport, 'outcome' | 'subPaths' | 'code' | 'message' | 'hint'>> {
  const { detached, left } = await detachDeadBinds(
    system,
    readBindTables(system),
    target,
    startDeadline(SUB_PATHS_MS),
  )
  const subPaths = detached.map(({ path }) => path)
  const [first] = left
  if (first === undefined) return { outcome: 'recovered', ...(subPaths.length > 0 && { subPaths }) }
  const { bind, reason } = first
  const message = `${bind.path} is not of the volume that is mounted now, and was left alone: ${reason}`
  const hint = `if container ${bind.container} does not start because of it: ${detachCommand(bind)}`
  return { outcome: 'failed', subPaths, code: 'EDEAD', message, hint }
}
