import { accessPath } from '../../core/node/inventory.js'
import { lastErrors } from '../../core/node/log-lines.js'
import { type MountStatus, statusOf } from '../../core/node/status.js'
import type { System } from '../../system/system.js'
import { statfs } from '../target/statfs.js'
import { lingering } from './clients.js'
import { absenceOf, healthOfMount, listMounts, mapConcurrently } from './inventory.js'
import { readLog } from './read-log.js'

const PROBE_MS = 2_000

/**
 * Every mount of this driver on the node, with its health, and the clients that outlived theirs. Touches mounts only
 * in children with a deadline; a hung one takes two seconds.
 */
export async function nodeStatus(system: System): Promise<MountStatus[]> {
  const errors = lastErrors(readLog(system))
  const mounts = listMounts(system)
  const known = await mapConcurrently(mounts, async mount => {
    const lastError = errors.get(mount.target)
    if (!mount.entry) return statusOf(mount, { health: absenceOf(system, mount), lastError }, Date.now())
    const health = await healthOfMount(system, mount, PROBE_MS)
    const usage = health === 'healthy' ? await statfs(system, accessPath(mount), PROBE_MS) : undefined
    const { sizeBytes, usedBytes } = usage ?? {}
    return statusOf(mount, { health, sizeBytes, usedBytes, lastError }, Date.now())
  })
  // clients that outlived their mount and its state
  const others = lingering(system, mounts).filter(
    ({ target }) => !mounts.some(mount => mount.target === target),
  )
  return [
    ...known,
    ...others.map(({ pid, target, client }) => ({
      ...statusOf({ target, client }, { health: 'gone', lastError: errors.get(target) }, Date.now()),
      pid,
    })),
  ]
}
