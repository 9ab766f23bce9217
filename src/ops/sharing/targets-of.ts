import { type MountInfo, mountedOn, parseMountInfo } from '../../core/target/mount-table.js'
import type { ClientState, MountState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { tableOfNode } from '../namespaces/reach.js'
import { isSharedPath } from '../target/shared-directory.js'

/**
 * The mounts that have the client which is mounted on this path: targets, and what the kubelet has bound from them.
 * Counted by device, since a state file can be lost, and in the mount tables of this process, of the client and of the
 * node: a person may have a mount namespace of its own.
 */
export function targetsOf(system: System, path: string, state: ClientState | undefined): MountInfo[] {
  const tables = tablesOf(system, state)
  const device = deviceIn(tables, path)
  if (device === undefined) return []
  return tables.flatMap(table =>
    parseMountInfo(table).filter(entry => entry.device === device && entry.mountPoint !== path),
  )
}

/** The device of the client that is mounted on this path; another namespace may have an older one there. */
export function deviceOf(system: System, path: string, state: ClientState | undefined): string | undefined {
  return deviceIn(tablesOf(system, state), path)
}

function deviceIn(tables: readonly string[], path: string): string | undefined {
  return tables.map(table => mountedOn(table, path).at(-1)?.device).find(device => device !== undefined)
}

function tablesOf(system: System, state: ClientState | undefined): string[] {
  return [
    system.mountInfo(),
    state?.process ? system.mountInfo(state.process.pid) : '',
    tableOfNode(system) ?? '',
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
  if (devices.size === 0) return undefined
  return parseMountInfo(table).find(
    ({ device, mountPoint }) => devices.has(device) && isSharedPath(system, mountPoint),
  )?.mountPoint
}
