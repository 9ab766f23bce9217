import { startDeadline } from '../../core/deadline.js'
import { toCephflexError } from '../../core/errors.js'
import type { System } from '../../system/system.js'
import { mapConcurrently, takeInventory } from '../node/inventory.js'
import { sweepFailures } from '../sharing/failure.js'
import { releaseClient } from '../sharing/release-client.js'
import { unusedClients } from '../sharing/unused-clients.js'
import type { ReapReport } from './reap.js'

/**
 * Ends the shared clients that have no target. One that a call is just starting is locked; one that does not end, or
 * may still be writing, is kept.
 */
export async function reapClients(system: System, dryRun: boolean): Promise<ReapReport[]> {
  if (!dryRun) sweepFailures(system)
  return mapConcurrently(unusedClients(system, takeInventory(system)), async client => {
    const { path: target, heldBy } = client
    if (heldBy !== undefined) return { target, outcome: 'kept', reason: `it is still mounted on ${heldBy}` }
    return dryRun ? { target, outcome: 'orphan' } : release(system, target)
  })
}

async function release(system: System, target: string): Promise<ReapReport> {
  try {
    const deadline = startDeadline(system.config.timeoutSeconds * 1000)
    const outcome = await releaseClient(system, target, deadline)
    if (outcome === 'ended') return { target, outcome: 'removed' }
    return { target, outcome: 'kept', reason: 'a volume uses it by now' }
  } catch (error) {
    const { code, message } = toCephflexError(error)
    const outcome = code === 'ELOCKED' || code === 'EBUSY' ? 'kept' : 'failed'
    return { target, outcome, reason: `${code}: ${message}` }
  }
}
