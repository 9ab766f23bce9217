import { Secret } from '../../core/secret.js'
import type { System } from '../../system/system.js'
import { KEPT, keyringDirectory, sharedKeyringDirectory } from './keyring.js'
import type { TargetFiles } from './target-files.js'

/**
 * Keeps the key of a mount until it is forgotten, if the node configuration
 * says `recovery`: in memory, mode 0600, in a directory that only root can
 * enter. Root can read it out of ceph-fuse's memory as well.
 */
export function keepKey(system: System, places: TargetFiles, key: Secret): void {
  if (!system.config.recovery) return
  const { files } = system
  const directory = `${keyringDirectory(system)}/${KEPT}`
  files.secureDirectory(directory)
  files.replace(fileOf(system, places), key.reveal())
}

/** The key that was kept for a target; undefined if none was. */
export function keptKey(system: System, places: TargetFiles): Secret | undefined {
  const path = fileOf(system, places)
  const text = system.files.kind(path) === 'file' ? system.files.read(path) : undefined
  return text === undefined ? undefined : new Secret(text)
}

/** Removes it, also if keeping has been switched off since. Needs no memory to be there, so that an unmount does not either. */
export function dropKey(system: System, { hash }: TargetFiles): void {
  for (const directory of keptDirectories(system)) system.files.remove(`${directory}/${hash}`)
}

/** Where keys of this node may be kept: wherever the run directory was in memory or not. */
export function keptDirectories({ config }: System): string[] {
  return [`${config.runDirectory}/keyrings`, sharedKeyringDirectory(config.runDirectory)].map(
    path => `${path}/${KEPT}`,
  )
}

function fileOf(system: System, { hash }: TargetFiles): string {
  return `${keyringDirectory(system)}/${KEPT}/${hash}`
}
