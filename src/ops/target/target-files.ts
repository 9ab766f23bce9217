import { shortHash } from '../../core/text/short-hash.js'
import type { System } from '../../system/system.js'

/** Where the files of one target are. All of them below directories that only root can enter. */
export type TargetFiles = {
  /** Names everything of this target. */
  hash: string
  lock: string
  state: string
  /** Unique for this call, so that a daemon that is still ending keeps its own. */
  adminSocket: string
  logFile: string
}

/** Names the files of one target, for the call of this process or of another one. */
export function targetFiles({ config }: System, target: string, pid: number): TargetFiles {
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
 * Makes the directories of this program.
 *
 * @throws CephflexError ENORUNDIR if one of them is not safe or cannot be made.
 */
export function prepareDirectories({ config, files }: System): void {
  const run = config.runDirectory
  for (const directory of [run, `${run}/locks`, `${run}/state`, `${run}/clients`])
    files.secureDirectory(directory)
}
