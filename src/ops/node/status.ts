import { accessPath, type OurMount } from '../../core/node/inventory.js'
import { lastErrors } from '../../core/node/log-lines.js'
import type { Inventory } from '../../core/node/shared-clients.js'
import { type MountStatus, statusOf } from '../../core/node/status.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { readBindTables } from '../recover/bind-tables.js'
import { hasNoProcess } from '../recover/pod-signs.js'
import { canRemount } from '../recover/remount.js'
import { restartsNeeded } from '../recover/restarts-needed.js'
import { type BindTables, detachCommand, findStaleBinds } from '../recover/sub-paths.js'
import { isStopped } from '../target/daemon.js'
import { statfs } from '../target/statfs.js'
import { lingering } from './clients.js'
import {
  type Answers,
  absenceOf,
  clientIdOf,
  healthOfMount,
  mapConcurrently,
  takeInventory,
} from './inventory.js'
import { readLog } from './read-log.js'

const PROBE_MS = 2_000

/**
 * Every mount of this driver on the node, with its health, and the clients that have no target: shared ones, and those
 * that outlived theirs. Touches mounts only in children with a deadline, two for each client; a hung one takes two
 * seconds.
 */
export async function nodeStatus(system: System): Promise<MountStatus[]> {
  const answers: ClientAnswers = { health: new Map(), usage: new Map() }
  const errors = lastErrors(readLog(system))
  const inventory = takeInventory(system)
  const { mounts, clients } = inventory
  const unused = clients.filter(({ entry, targets }) => entry && targets.length === 0)
  const restarts = restartsNeeded(system, inventory)
  const binds = readBindTables(system)
  const known = await mapConcurrently([...mounts, ...unused], async mount =>
    statusOf(
      mount,
      {
        ...(await findings(system, mount, answers)),
        ...clientFindings(system, mount, inventory),
        lastError: errors.get(mount.target),
        restartNeeded: restarts.get(mount.target),
        detachCommands: detachCommands(binds, mount.target),
      },
      Date.now(),
    ),
  )
  // clients that outlived their mount and its state
  const others = lingering(system, inventory).filter(
    ({ target }) => !known.some(mount => mount.target === target),
  )
  return [
    ...known,
    ...others.map(({ pid, target, client }) => ({
      ...statusOf({ target, client }, { health: 'gone', lastError: errors.get(target) }, Date.now()),
      ...{ pid, targets: 0, memoryBytes: system.processes.memoryOf(pid), ...stoppedFinding(system, pid) },
    })),
  ]
}

/** Undefined for most: nothing is left of a lost mount. */
function detachCommands(binds: BindTables, target: string): string[] | undefined {
  const found = findStaleBinds(binds, target)
  return found.length === 0 ? undefined : found.map(detachCommand)
}

/** One answer serves every mount of a client. */
type ClientAnswers = { health: Answers; usage: Map<string, ReturnType<typeof statfs>> }

async function findings(system: System, mount: OurMount, { health: answers, usage }: ClientAnswers) {
  if (!mount.entry) return { health: absenceOf(system, mount) }
  const health = await healthOfMount(system, mount, PROBE_MS, answers)
  const id = clientIdOf(mount)
  if (health === 'healthy' && !usage.has(id)) usage.set(id, statfs(system, accessPath(mount), PROBE_MS))
  const found = health === 'healthy' ? await usage.get(id) : undefined
  // a client answers for the root from its cache
  if (health === 'hung' || found === 'hung') return hungFindings(system, mount)
  const isLost = (health === 'dead' || health === 'evicted') && podVolumeOf(mount.target) !== undefined
  return {
    health,
    sizeBytes: found?.sizeBytes,
    usedBytes: found?.usedBytes,
    recoverable: isLost && mount.state ? canRemount(system, mount.state) : undefined,
  }
}

/** What to know about a hung mount. Most are healthy, and cost nothing here. */
function hungFindings(system: System, { target, state }: OurMount) {
  return {
    health: 'hung' as const,
    podEnded: hasNoProcess(system, target) || undefined,
    ...(state?.process &&
      system.processes.isAlive(state.process) &&
      stoppedFinding(system, state.process.pid)),
  }
}

function stoppedFinding(system: System, pid: number): Pick<MountStatus, 'stopped'> {
  return isStopped(system, pid) ? { stopped: true } : {}
}

/** How many targets the client of a mount serves, and the memory that it uses. */
function clientFindings({ processes }: System, { state, entry }: OurMount, { clients }: Inventory) {
  const pid = state?.process?.pid
  const shared = clients.find(client => client.entry && client.entry.device === entry?.device)
  const targets = shared === undefined ? 1 : shared.targets.length
  return {
    targets: entry ? targets : undefined,
    memoryBytes: pid === undefined ? undefined : processes.memoryOf(pid),
  }
}
