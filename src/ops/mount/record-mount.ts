import type { Secret } from '../../core/secret.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import { identityOf, type MountState, recipeOf } from '../../core/target/state.js'
import { noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { pidNamespace } from '../namespaces/reach.js'
import { keepKey } from '../target/kept-key.js'
import type { TargetFiles } from '../target/target-files.js'
import type { MountCall } from './call.js'

/**
 * Writes the state that `unmount` needs: the kubelet passes it only the directory. Keeps the key, if recovery may need
 * it.
 *
 * @throws CephflexError ENORUNDIR
 */
export function recordMount(
  system: System,
  { target, owner, volume, files, made }: MountCall,
  client: MountState['client'],
  daemon: ProcessIdentity | undefined,
  key: Secret,
): void {
  const space = pidNamespace(system)
  const state: MountState = {
    version: 1,
    bootId: system.bootId(),
    target: owner,
    volume: identityOf(volume),
    recipe: recipeOf(volume),
    ...(owner === target ? {} : { recovered: true as const }),
    client,
    ...(daemon ? { process: daemon } : {}),
    ...(space === undefined ? {} : { pidNamespace: space }),
    adminSocket: files.adminSocket,
    logFile: files.logFile,
    made,
    pod: volume.pod,
    mountedAt: new Date().toISOString(),
  }
  writeState(system, files, state)
  if (volume.credential.from === 'secret') keepKey(system, files, key)
}

/** A mount without state is refused: the next mount call would not know it, and replace it under its pod. */
function writeState({ files }: System, { state: path }: TargetFiles, state: MountState): void {
  try {
    files.replace(path, `${JSON.stringify(state)}\n`)
  } catch (error) {
    throw noRunFile(path, error)
  }
}
