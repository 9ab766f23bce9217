import { monotonicMs } from '../../core/clock.js'
import { CLIENTS, mounters } from '../../core/mounters/index.js'
import type { OurMount } from '../../core/node/inventory.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { MountState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { lifeOf } from '../namespaces/client-life.js'
import { healthOfMount, mapConcurrently, takeInventory } from '../node/inventory.js'
import { isEvicted } from '../target/evicted.js'
import { readBindTables } from './bind-tables.js'
import { settleable } from './settle.js'
import { findStaleBinds } from './sub-paths.js'

/** How often each client is asked whether the cluster has evicted it, through its socket. */
const ASK_MS = 15_000
/** How often a client without a process that could be watched is probed, in a child: the kernel client. */
const PROBE_MS = 60_000
const ANSWER_MS = 2_000

/** A client and the mounts that it serves. */
type Client = { state: MountState; mounts: OurMount[] }

/** What a look found, valid until the mounts of CephFS or the states change. */
type Survey = {
  table: string
  stamp: string | undefined
  /** Targets that are not mounted, whose mount call has not ended, or that have a stale bind of the kubelet. */
  lost: string[]
  clients: Client[]
  /** One mount of each client without a process. */
  silent: OurMount[]
}

/**
 * Looks for targets that may have lost their client. Cheap, for every few seconds: reads the mount table of this process,
 * and of each client the line that the kernel has about its process. Starts no process and touches no mount, except that
 * one mount of each kernel client is probed once a minute. What it returns is a suspicion: `recoverMounts` checks it.
 *
 * @returns a function that looks once. @returns the suspected targets.
 */
export function makeLook(system: System): () => Promise<string[]> {
  let survey: Survey | undefined
  const isTimeToAsk = everyMs(ASK_MS)
  const isTimeToProbe = everyMs(PROBE_MS)
  return async () => {
    const table = linesOfCephFS(system.mountInfo())
    const stamp = system.files.version(`${system.config.runDirectory}/state`)
    if (survey?.table !== table || survey.stamp !== stamp) survey = takeSurvey(system, table, stamp)
    const { lost, clients, silent } = survey
    const dead = clients.filter(({ state }) => lifeOf(system, state) === 'ended')
    const evicted = isTimeToAsk() ? await evictedOf(system, clients) : []
    const broken = isTimeToProbe() ? await brokenOf(system, silent) : []
    return [
      ...new Set([
        ...lost,
        ...[...dead, ...evicted].flatMap(({ mounts }) => mounts.map(({ target }) => target)),
        ...broken.map(({ target }) => target),
      ]),
    ]
  }
}

/** The mounts of pods that are not CephFS come and go all the time. */
function linesOfCephFS(text: string): string {
  const types = CLIENTS.map(client => ` - ${mounters[client].fsType} `)
  return text
    .split('\n')
    .filter(line => types.some(type => line.includes(type)))
    .join('\n')
}

function takeSurvey(system: System, table: string, stamp: string | undefined): Survey {
  const { mounts } = takeInventory(system)
  const tables = readBindTables(system)
  const isLost = ({ target, entry }: OurMount) =>
    entry === undefined
      ? podVolumeOf(target) !== undefined && system.files.kind(target) === 'directory'
      : findStaleBinds(tables, target).length > 0
  const clients = new Map<string, Client>()
  const silent = new Map<string, OurMount>()
  for (const mount of mounts.filter(({ entry }) => entry !== undefined)) {
    const { state, entry } = mount
    if (state?.process === undefined) silent.set(entry?.device ?? '', mount)
    else {
      const id = `${state.process.pid} ${state.process.startTime}`
      const client = clients.get(id) ?? { state, mounts: [] }
      client.mounts.push(mount)
      clients.set(id, client)
    }
  }
  const lost = [...settleable(system), ...mounts.filter(isLost)].map(({ target }) => target)
  return { table, stamp, lost, clients: [...clients.values()], silent: [...silent.values()] }
}

async function evictedOf(system: System, clients: readonly Client[]): Promise<Client[]> {
  const asked = clients.filter(({ state }) => mounters[state.client].daemon !== undefined)
  const found = await mapConcurrently(asked, async client =>
    (await isEvicted(system, client.state, ANSWER_MS)) ? [client] : [],
  )
  return found.flat()
}

async function brokenOf(system: System, mounts: readonly OurMount[]): Promise<OurMount[]> {
  const found = await mapConcurrently(mounts, async mount => {
    const health = await healthOfMount(system, mount, ANSWER_MS)
    return health === 'dead' || health === 'evicted' ? [mount] : []
  })
  return found.flat()
}

/** A function that is true at most once in this time. */
function everyMs(ms: number): () => boolean {
  let next = monotonicMs() + ms
  return () => {
    if (monotonicMs() < next) return false
    next = monotonicMs() + ms
    return true
  }
}
