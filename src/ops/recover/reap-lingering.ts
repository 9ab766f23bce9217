import { startDeadline } from '../../core/deadline.js'
import type { System } from '../../system/system.js'
import { lingering } from '../node/clients.js'
import { mapConcurrently, takeInventory } from '../node/inventory.js'
import { hasEnded, isStopped, resumeDaemon } from '../target/daemon.js'
import type { ReapReport } from './reap.js'

/** A client that is let go on flushes and exits in milliseconds, if its cluster answers. */
const END_MS = 5_000

/**
 * Lets stopped clients go on whose mount is gone: they write what they still have, and exit. Kills none. What does not
 * end is kept: it may be writing, or a container may have it mounted for a subPath.
 */
export async function reapLingering(system: System, dryRun: boolean): Promise<ReapReport[]> {
  const stopped = lingering(system, takeInventory(system)).filter(({ pid }) => isStopped(system, pid))
  return mapConcurrently(stopped, async ({ pid, target }): Promise<ReapReport> => {
    const client = system.processes.processInfo(pid)
    if (dryRun) return { target, outcome: 'orphan', reason: `its client ${pid} is stopped` }
    if (client !== undefined) resumeDaemon(system, client)
    if (client === undefined || (await hasEnded(system, client, startDeadline(END_MS))))
      return { target, outcome: 'removed' }
    return {
      target,
      outcome: 'kept',
      reason: `its client ${pid} was stopped, goes on and may still be writing`,
    }
  })
}
