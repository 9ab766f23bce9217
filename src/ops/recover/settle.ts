import { startDeadline } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import type { OurMount } from '../../core/node/inventory.js'
import { aboutMount, type RecoveryReport } from '../../core/recover/recovery.js'
import type { System } from '../../system/system.js'
import { finishMount } from '../mount/finish-mount.js'
import { unmountLocked } from '../mount/unmount.js'
import { isBlind } from '../namespaces/is-blind.js'
import { mapConcurrently, unfinishedMounts } from '../node/inventory.js'
import { type LockedTarget, withLockedTarget } from '../target/lock-target.js'
import { probeRoot } from '../target/probe-root.js'

const PROBE_MS = 2_500
/** A call that has locked the target works on it. */
const LOCK_MS = 0
const WORK_MS = 10_000

/**
 * Settles what killed mount calls left. A mount that answers is finished: the kubelet takes it for a success of the call.
 * A mount that was never made is forgotten, with its key: the kubelet makes another call for it, or deletes the pod. A
 * dead one stays as it is, and can be recovered, and so does a recovery that has not reached its target.
 *
 * @param among of these targets; without it, all.
 * @returns those that could not be settled, which are left to the next call. Throws nothing.
 */
export async function settleUnfinished(system: System, among?: readonly string[]): Promise<RecoveryReport[]> {
  const chosen = settleable(system).filter(({ target }) => among?.includes(target) ?? true)
  const failed = await mapConcurrently(chosen, async mount => {
    const { target } = mount
    const limits = { lockMs: LOCK_MS, deadline: startDeadline(WORK_MS) }
    try {
      await withLockedTarget(system, 'recover', target, limits, locked => settle(system, target, locked))
      return []
    } catch (error) {
      const { code, message, hint } = toCephflexError(error)
      if (code === 'ELOCKED') return []
      system.log('not settled', { target, code, message })
      return [{ ...aboutMount(mount, 'unfinished'), outcome: 'failed' as const, code, message, hint }]
    }
  })
  return failed.flat()
}

/** The targets that this process can settle. A mount that it does not see may be in another namespace. */
export function settleable(system: System): OurMount[] {
  const found = unfinishedMounts(system)
  return found.filter(
    ({ entry, seenBy }) => seenBy === undefined && (entry !== undefined || !isBlind(system)),
  )
}

async function settle(system: System, target: string, locked: LockedTarget): Promise<void> {
  // its call may have ended meanwhile
  const mount = settleable(system).find(other => other.target === target)
  const { state } = locked
  if (mount === undefined || !state?.unfinished) return
  const deadline = startDeadline(WORK_MS)
  if (mount.entry === undefined) {
    if (state.recovered) return
    await unmountLocked(system, target, locked, deadline)
    system.log('never made', { target })
    return
  }
  if ((await probeRoot(system, target, PROBE_MS)) !== 'directory' || state.recipe === undefined) return
  await finishMount(system, locked, state.recipe, deadline)
}
