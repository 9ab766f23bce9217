import type { Secret } from '../../core/secret.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import {
  type ClientState,
  identityOf,
  recipeOf,
  stateText,
  type TargetState,
} from '../../core/target/state.js'
import { noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { pidNamespace } from '../namespaces/reach.js'
import { keepKey } from '../target/kept-key.js'
import type { MountCall } from './call.js'

/**
 * Writes the state that `unmount` needs: the kubelet passes it only the directory. Keeps the key, if recovery may need
 * it.
 *
 * @throws CephflexError ENORUNDIR
 */
export function recordMount(
  system: System,
  call: MountCall,
  client: TargetState['client'],
  daemon: ProcessIdentity | undefined,
  key: Secret,
): void {
  const { volume, files } = call
  writeState(system, files.state, targetState(call, client), clientState(system, call, daemon))
  if (volume.credential.from === 'secret') keepKey(system, files, key)
}

function targetState({ target, owner, volume, made }: MountCall, client: TargetState['client']): TargetState {
  return {
    target: owner,
    client,
    ...(owner === target ? {} : { recovered: true as const }),
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
