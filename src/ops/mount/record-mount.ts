import { mountedOn } from '../../core/target/mount-table.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import {
  type ClientState,
  identityOf,
  recipeOf,
  type SharedClientRef,
  stateText,
  type TargetState,
} from '../../core/target/state.js'
import { noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { pidNamespace } from '../namespaces/reach.js'
import type { MountCall } from './call.js'

/**
 * Writes the state that `unmount` needs: the kubelet passes it only the directory.
 *
 * @throws CephflexError ENORUNDIR
 */
export function recordMount(
  system: System,
  call: MountCall,
  client: TargetState['client'],
  daemon: ProcessIdentity | undefined,
  session?: string,
): void {
  const record = { ...clientState(system, call, daemon), ...(session === undefined ? {} : { session }) }
  writeState(system, call.files.state, targetState(system, call, client), record)
}

/**
 * The same for a target that shares its client. The record of the client here names no process and files that nothing
 * has: an older release would wait for its end at each unmount, and remove its files.
 *
 * @throws CephflexError ENORUNDIR
 */
export function recordTarget(
  system: System,
  call: MountCall,
  client: TargetState['client'],
  shared: SharedClientRef,
): void {
  const target = { ...targetState(system, call, client), shared }
  writeState(system, call.files.state, target, clientState(system, call, undefined))
}

function targetState(
  { mountInfo }: System,
  { target, owner, volume, made }: MountCall,
  client: TargetState['client'],
): TargetState {
  const isRecovered = owner !== target || mountedOn(mountInfo(), target).length > 1
  return {
    target: owner,
    client,
    ...(isRecovered ? { recovered: true as const } : {}),
    made,
    pod: volume.pod,
    mountedAt: new Date().toISOString(),
  }
}

function clientState(
  system: System,
  { volume, files: { adminSocket, logFile } }: MountCall,
  daemon: ProcessIdentity | undefined,
): ClientState {
  const space = pidNamespace(system)
  return {
    volume: identityOf(volume),
    recipe: recipeOf(volume),
    ...(daemon ? { process: daemon } : {}),
    ...(space === undefined ? {} : { pidNamespace: space }),
    adminSocket,
    logFile,
  }
}

/** A mount without state is refused: the next mount call would not know it, and replace it under its pod. */
function writeState({ files, bootId }: System, path: string, target: TargetState, client: ClientState): void {
  try {
    files.replace(path, stateText(bootId(), target, client))
  } catch (error) {
    throw noRunFile(path, error)
  }
}
