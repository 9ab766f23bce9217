import { parseHolder } from '../../system/lock/lock.js'
import type { System } from '../../system/system.js'
import type { LockedTarget } from '../target/lock-target.js'
import { isSharedPath } from '../target/shared-directory.js'

/**
 * Where the shared client is mounted on which a killed call for this target was working. It may have started that
 * client, and the target has no state that names it yet.
 */
export function abandonedClient(system: System, { lock: { abandonedBy } }: LockedTarget): string | undefined {
  if (abandonedBy === undefined) return undefined
  const { pid, startTime } = abandonedBy
  const directory = `${system.config.runDirectory}/locks`
  return system.files
    .list(directory)
    .map(name => parseHolder(system.files.tryRead(`${directory}/${name}`)))
    .filter(holder => holder?.pid === pid && holder.startTime === startTime)
    .map(holder => holder?.call.replace(/^\S+ /, '') ?? '')
    .find(path => isSharedPath(system, path))
}
