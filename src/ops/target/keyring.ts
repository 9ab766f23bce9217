import { CephflexError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { shortHash } from '../../core/text/short-hash.js'
import { noRunFile } from '../../system/files.js'
import type { System } from '../../system/system.js'
import { discard } from './discard.js'

/** The directory of the keys that are kept for recovery, next to the credential files of calls. */
export const KEPT = 'kept'

const SHARED_MEMORY = '/dev/shm'

/** A credential file that exists only while `work` runs. */
export type Keyring = {
  path: string
  with: <T>(text: Secret, work: () => Promise<T>) => Promise<T>
}

/**
 * Prepares the credential file of one call: in memory, in a directory that
 * only root can enter, mode 0600, created exclusively. Its name contains its
 * process, so that a later call can remove the file of a killed one.
 *
 * @throws CephflexError ENORUNDIR
 */
export function prepareKeyring(system: System, target: string): Keyring {
  const { files, processes } = system
  const directory = keyringDirectory(system)
  files.secureDirectory(directory)
  sweepKeyrings(system, directory)
  const startTime = processes.processInfo(process.pid)?.startTime ?? ''
  const path = `${directory}/${process.pid}.${startTime}.${shortHash(target)}`
  return {
    path,
    with: async (text, work) => {
      createKeyFile(system, path, text)
      try {
        return await work()
      } finally {
        files.remove(path)
      }
    },
  }
}

/** Removes the credential files that killed calls left. */
export function sweepKeyrings(system: System, directory = keyringDirectory(system)): void {
  for (const file of staleKeyrings(system, directory)) {
    system.log('swept', { file })
    discard(system, [file])
  }
}

function createKeyFile({ files }: System, path: string, text: Secret): void {
  try {
    files.create(path, text.reveal())
  } catch (error) {
    throw noRunFile(path, error)
  }
}

/**
 * Credential files whose process has exited.
 *
 * @throws CephflexError ENORUNDIR if no tmpfs can hold any.
 */
export function staleKeyrings(system: System, directory = keyringDirectory(system)): string[] {
  const { files, processes } = system
  return files.list(directory).flatMap(name => {
    if (name === KEPT) return []
    const [pid, startTime = ''] = name.split('.')
    return processes.isAlive({ pid: Number(pid), startTime }) ? [] : [`${directory}/${name}`]
  })
}

/**
 * The directory of the credential files, always in memory. `/run` is a tmpfs on
 * every node with systemd; where it is not (in a container), `/dev/shm` is.
 *
 * @throws CephflexError ENORUNDIR if neither is a tmpfs.
 */
export function keyringDirectory({ config, files }: System): string {
  const run = config.runDirectory
  if (files.isInMemory(run)) return `${run}/keyrings`
  if (files.isInMemory(SHARED_MEMORY)) return sharedKeyringDirectory(run)
  throw new CephflexError('ENORUNDIR', `neither ${run} nor ${SHARED_MEMORY} is a tmpfs`)
}

/** The directory of the credential files if the run directory is not in memory. */
export function sharedKeyringDirectory(runDirectory: string): string {
  return `${SHARED_MEMORY}/cephflex-${shortHash(runDirectory)}`
}
