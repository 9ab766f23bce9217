import { shortHash } from '../../core/text/short-hash.js'
import type { System } from '../../system/system.js'

/** The paths of one target's files. All are below directories that only root can enter. */
export type TargetFiles = {
  /** Part of the name of every file of this target. */
  hash: string
  lock: string
  state: string
  /** Unique for this call, so that a daemon that is still exiting keeps its own. */
  adminSocket: string
  logFile: string
}

/** The paths of one target's files. @param pid the process of the call. */
export function targetFiles({ config }: Pick<System, 'config'>, target: string, pid: number): TargetFiles {
  const run = config.runDirectory
  const hash = shortHash(target)
  return {
    hash,
    lock: `${run}/locks/${hash}`,
    state: `${run}/state/${hash}.json`,
    adminSocket: `${run}/clients/${hash}.${pid}.asok`,
    logFile: `${config.logDirectory}/client-${hash}.${pid}.log`,
  }
}

/**
 * The sockets and logs that the clients of one target have left, also those that no state names. Not for the place of a
 * shared client: targets may still use an older one, and ask it through its files.
 */
export function clientFilesOf({ config, files }: System, { hash }: TargetFiles): string[] {
  const find = (directory: string, prefix: string) =>
    files.list(directory).flatMap(name => (name.startsWith(prefix) ? [`${directory}/${name}`] : []))
  return [
    ...find(`${config.runDirectory}/clients`, `${hash}.`),
    ...find(config.logDirectory, `client-${hash}.`),
  ]
}

/**
 * Creates the directories of this program.
 *
 * @throws CephflexError ENORUNDIR if one of them is not safe or cannot be created.
 */
export function prepareDirectories(system: System): void {
  for (const directory of runDirectories(system)) system.files.secureDirectory(directory)
}

/** Where calls keep their files while a volume is mounted. */
export function runDirectories({ config: { runDirectory: run } }: Pick<System, 'config'>): string[] {
  return [run, `${run}/locks`, `${run}/state`, `${run}/clients`]
}
