import { Secret } from '../../core/secret.js'
import { noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { discard } from './discard.js'
import { KEPT, keyringDirectory, sharedKeyringDirectory } from './keyring.js'
import type { TargetFiles } from './target-files.js'

/**
 * Keeps the key of a mount for recovery, if the node configuration sets
 * `recovery`: in memory, mode 0600, in a directory that only root can enter.
 * Root can read it from ceph-fuse's memory as well. Without it the mount works,
 * and only its recovery fails.
 */
export function keepKey(system: System, paths: TargetFiles, key: Secret): void {
  if (!system.config.recovery) return
  const { files, log } = system
  try {
    files.secureDirectory(`${keyringDirectory(system)}/${KEPT}`)
    files.replace(fileOf(system, paths), key.reveal())
  } catch (error) {
    log('key not kept', { reason: noRunFile(fileOf(system, paths), error).message })
  }
}

/** The key that was kept for a target, or undefined. */
export function keptKey(system: System, paths: TargetFiles): Secret | undefined {
  const path = fileOf(system, paths)
  const text = system.files.kind(path) === 'file' ? system.files.tryRead(path) : undefined
  return text === undefined ? undefined : new Secret(text)
}

/** Removes the kept key, even if `recovery` is off by now. Never throws, as an unmount must work without a tmpfs. */
export function dropKey(system: System, { hash }: TargetFiles): void {
  discard(
    system,
    keptDirectories(system).map(directory => `${directory}/${hash}`),
  )
}

/** Where keys may be kept on this node: with a run directory in memory, and with one on disk. */
export function keptDirectories({ config }: System): string[] {
  return [`${config.runDirectory}/keyrings`, sharedKeyringDirectory(config.runDirectory)].map(
    path => `${path}/${KEPT}`,
  )
}

function fileOf(system: System, { hash }: TargetFiles): string {
  return `${keyringDirectory(system)}/${KEPT}/${hash}`
}
