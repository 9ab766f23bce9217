import type { NodeFacts } from '../../core/doctor/node-facts.js'
import { toCephflexError } from '../../core/errors.js'
import type { System } from '../../system/system.js'
import { lingering } from '../node/clients.js'
import { absenceOf, healthOfMount, listMounts, mapConcurrently, takeInventory } from '../node/inventory.js'
import { unusedClients } from '../sharing/unused-clients.js'
import { isStopped } from '../target/daemon.js'
import { staleKeyrings } from '../target/keyring.js'

const ROOT_MS = 2_500

/** The health of each mount of this driver. */
export async function mountFacts(system: System): Promise<NodeFacts['mounts']> {
  return mapConcurrently(
    listMounts(system).filter(({ entry }) => entry),
    async mount => ({ target: mount.target, health: await healthOfMount(system, mount, ROOT_MS) }),
  )
}

/** Key files whose process has exited, or why they cannot be listed. */
export function keyringFacts(system: System): NodeFacts['keyrings'] {
  try {
    return { problem: undefined, stale: staleKeyrings(system) }
  } catch (error) {
    return { problem: toCephflexError(error).message, stale: [] }
  }
}

/** State files without a mount, and clients that still run after theirs was removed. */
export function orphanFacts(system: System): NodeFacts['orphans'] {
  const inventory = takeInventory(system)
  const { mounts } = inventory
  const gone = mounts.filter(mount => mount.entry === undefined && absenceOf(system, mount) !== 'unknown')
  return {
    states: gone.map(({ target }) => ({ target })),
    daemons: lingering(system, inventory).map(({ pid, target }) => ({
      pid,
      target,
      stopped: isStopped(system, pid),
    })),
    unused: unusedClients(system, inventory),
  }
}
