import { mountedOn } from '../../core/target/mount-table.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import {
  type ClientState,
  identityOf,
  type MountState,
  recipeOf,
  type SharedClientRef,
  stateText,
  type TargetState,
} from '../../core/target/state.js'
import { noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { pidNamespace } from '../namespaces/reach.js'
import { keepKey } from '../target/kept-key.js'
import type { MountCall } from './call.js'

/**
 * Writes the state of a mount before the mount is made, and keeps its key: a call that is killed in between leaves a
 * mount that the kubelet takes for a success, and `recover` then knows how to make it again.
 *
 * @throws CephflexError ENORUNDIR
 */
export function announceMount(
  system: System,
  call: MountCall,
  client: TargetState['client'],
  { session, shared }: { session?: string; shared?: SharedClientRef },
): void {
  if (!call.isFirst) return
  const target = { ...targetState(system, call, client), unfinished: true as const }
  const record = { ...clientState(system, call, undefined), ...(session === undefined ? {} : { session }) }
  writeState(system, call.files.state, { ...target, ...(shared && { shared }) }, record)
  const { credential } = call.volume
  // after the state: a key is never kept without one
  if (credential.from === 'secret') keepKey(system, call.files, credential.key)
}

/**
 * Finishes the state of a mount whose call was killed before it could.
 *
 * @param state that of the mount. @throws CephflexError ENORUNDIR
 */
export function finishRecord(system: System, path: string, { unfinished: _, ...state }: MountState): void {
  write(system, path, `${JSON.stringify(state)}\n`)
}

/**
 * Writes the state that `unmount` needs: the kubelet passes it only the directory. For a mount on a stage it is not
 * finished yet.
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
  const isOnStage = owner !== target
  const isRecovered = isOnStage || mountedOn(mountInfo(), target).length > 1
  return {
    target: owner,
    client,
    ...(isRecovered ? { recovered: true as const } : {}),
    ...(isOnStage ? { unfinished: true as const } : {}),
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

function writeState(system: System, path: string, target: TargetState, client: ClientState): void {
  write(system, path, stateText(system.bootId(), target, client))
}

/** A mount without state is refused: the next mount call would not know it, and replace it under its pod. */
function write({ files }: System, path: string, text: string): void {
  try {
    files.replace(path, text)
  } catch (error) {
    throw noRunFile(path, error)
  }
}
