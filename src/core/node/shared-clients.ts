import { clientOf } from '../target/state.js'
import type { OurMount } from './inventory.js'

/** A client that serves several targets, itself mounted where no pod sees it; and those targets. */
export type SharedClient = OurMount & { targets: readonly OurMount[] }

/** What is mounted on a node: for pods, and for the clients that pods share. */
export type Inventory = { mounts: readonly OurMount[]; clients: readonly SharedClient[] }

/**
 * Tells targets from shared clients, and completes the state of each target with the process and the files of its
 * client. A target belongs to a client that is mounted if it has its device: the client of another was replaced.
 *
 * @param isShared whether a directory is the place of a shared client.
 */
export function inventoryOf(all: readonly OurMount[], isShared: (target: string) => boolean): Inventory {
  const clients = all.filter(({ target }) => isShared(target))
  const mounts = all.filter(({ target }) => !isShared(target)).map(completed)
  const isOf = (client: OurMount) => (mount: OurMount) =>
    mount.entry !== undefined && mount.entry.device === client.entry?.device
  return { mounts, clients: clients.map(client => ({ ...client, targets: mounts.filter(isOf(client)) })) }
}

/** A shared client that runs does not show that a target which is not mounted is hidden. */
function completed(mount: OurMount): OurMount {
  const { state, entry } = mount
  return state && entry ? { ...mount, state: clientOf(state) } : mount
}
