import { type MountInfo, mountedOn, mountsOfDevice } from '../../core/target/mount-table.js'
import type { ClientState, MountState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { sharesMounts, tableOfNode } from '../namespaces/reach.js'
import { isSharedPath } from '../target/shared-directory.js'

/** `shared/ID`, which no target ends with. */
const PLACE_PARTS = -2

/** A shared client that is mounted: its device, and what else has it, which are targets and binds of the kubelet. */
export type ClientMounts = { device: string | undefined; targets: readonly MountInfo[] }

/**
 * The mounts of the client on this path. Counted by device, since a state file can be lost, and in the mount tables of
 * this process, of the client and of the node: a person may have a mount namespace of its own. Another namespace may
 * have an older client on the same path.
 */
export function clientMounts(system: System, path: string, state: ClientState | undefined): ClientMounts {
  const tables = tablesOf(system, state)
  const device = tables.map(table => mountedOn(table, path).at(-1)?.device).find(found => found !== undefined)
  if (device === undefined) return { device, targets: [] }
  const mounts = tables.flatMap(table => mountsOfDevice(table, device))
  // the run directory may be visible elsewhere, too: a container of the kubelet has the root of the node somewhere
  const place = `/${path.split('/').slice(PLACE_PARTS).join('/')}`
  return { device, targets: mounts.filter(({ mountPoint }) => !mountPoint.endsWith(place)) }
}

/** One table for each mount namespace: nearly always that of this process is the only one. */
function tablesOf(system: System, state: ClientState | undefined): string[] {
  const client = state?.process?.pid
  return [
    system.mountInfo(),
    client !== undefined && !sharesMounts(system, client) ? system.mountInfo(client) : '',
    !sharesMounts(system, 1) ? (tableOfNode(system) ?? '') : '',
  ]
}

/**
 * Where the client of a target is mounted; undefined if the target has a client of its own. Found by the device if the
 * state is lost.
 */
export function sharedPathOf(
  system: System,
  target: string,
  state: MountState | undefined,
): string | undefined {
  if (state !== undefined) return state.shared?.path
  const table = system.mountInfo()
  const devices = new Set(mountedOn(table, target).map(({ device }) => device))
  return [...devices]
    .flatMap(device => mountsOfDevice(table, device))
    .find(({ mountPoint }) => isSharedPath(system, mountPoint))?.mountPoint
}
