import { type Client, clientOfType } from '../mounters/index.js'
import type { MountInfo } from '../target/mount-table.js'
import type { MountState } from '../target/state.js'

/**
 * How a mount answers. `dead`: its client is gone. `hung`: no answer in time. `evicted`: the cluster has evicted its
 * client. `broken`: another error. `hidden`: the container runtime does not see it. `unknown`: it could not be
 * checked, which says nothing about it.
 */
export type MountHealth = 'healthy' | 'dead' | 'hung' | 'evicted' | 'broken' | 'hidden' | 'unknown'

/** A mount of this driver, or the state of one that is gone. */
export type OurMount = {
  target: string
  client: Client
  entry?: MountInfo
  /** A process that sees the mount, if this one does not. */
  seenBy?: { pid: number; name: string }
  state?: MountState
}

/**
 * Whether a mount was made, as far as its call has told: one that is missing may be gone, or was never made. A recovery
 * is made only of what was there before.
 */
export function wasMade({ entry, state }: OurMount): boolean {
  return entry !== undefined || !state?.unfinished || state.recovered === true
}

/** Where this process can access a mount: in the root directory of a process that sees it. */
export function accessPath({ target, seenBy }: OurMount): string {
  return seenBy === undefined ? target : `/proc/${seenBy.pid}/root${target}`
}

/**
 * Joins the mount table and the state files by target, and sorts by target.
 *
 * @param isOurs whether a mount of CephFS without state was made by this driver, by its target.
 * @param foreign what other mount namespaces show, the most important first.
 */
export function joinMounts(
  entries: readonly MountInfo[],
  states: readonly MountState[],
  isOurs: (target: string) => boolean,
  foreign: readonly { entry: MountInfo; process: { pid: number; name: string } }[] = [],
): OurMount[] {
  const byTarget = new Map<string, OurMount>()
  for (const state of states)
    byTarget.set(state.target, { target: state.target, client: state.client, state })
  const add = (entry: MountInfo, more: Pick<OurMount, 'seenBy'> = {}) => {
    const known = byTarget.get(entry.mountPoint)
    const client = clientOfType(entry.fsType)
    if (client === undefined || (!known && !isOurs(entry.mountPoint))) return
    byTarget.set(entry.mountPoint, { ...known, target: entry.mountPoint, client, entry, ...more })
  }
  for (const entry of entries) add(entry)
  for (const { entry, process } of foreign)
    if (!byTarget.get(entry.mountPoint)?.entry)
      add(entry, { seenBy: { pid: process.pid, name: process.name } })
  return [...byTarget.values()].sort((a, b) => (a.target < b.target ? -1 : 1))
}
