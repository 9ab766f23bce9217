import {
  correctedAddress,
  isSilence,
  type MonitorAnswer,
  protocolAt,
  unusable,
} from '../../core/ceph/monitor-answer.js'
import type { Monitor } from '../../core/ceph/monitors.js'
import { portsOf } from '../../core/ceph/ports.js'
import type { Deadline } from '../../core/deadline.js'
import { bracketed } from '../../core/text/host.js'
import type { System } from '../../system/system.js'

/** How long a monitor has to answer before it counts as silent. */
export const PROBE_MS = 1_000

/** A call whose time is up still takes this long to find monitors that refuse. */
const LEAST_PROBE_MS = 250

/** A port is asked for its protocol for so long; and if none answered, once more. A dead monitor delays a mount by the first. */
const FIRST_ASK_MS = 300
const SECOND_ASK_MS = 2_000

/** What is wrong with the monitors of a volume. */
export type MonitorFaults = {
  /** A text for each address that no client can use, for example `10.0.0.1:6789 refused`. */
  faults: string[]
  /** No monitor can be used. */
  all: boolean
  /** There was time to hear from each of them. */
  isSure: boolean
  /** How to write the addresses of monitors that use the other protocol. */
  corrections: string[]
  /** Something that is not a monitor answered. */
  hasStranger: boolean
}

/**
 * Asks every monitor for its banner, all at once, within a second. With less time left, only what was heard counts: a
 * monitor that did not answer may be slow.
 */
export async function findFaults(
  system: System,
  monitors: readonly Monitor[],
  deadline: Deadline,
): Promise<MonitorFaults> {
  const limitMs = deadline.share(1, LEAST_PROBE_MS, PROBE_MS)
  const asked = await Promise.all(monitors.map(monitor => askMonitor(system, monitor, limitMs)))
  const isSure = limitMs === PROBE_MS || !asked.flat().some(({ answer }) => isSilence(answer))
  const bad = asked.map(ports => {
    const found = ports.filter(({ why, answer }) => why !== undefined && (isSure || !isSilence(answer)))
    // without a port the client tries both, so one that can be used is enough
    return found.length === ports.length ? found : []
  })
  const faults = bad.flat()
  return {
    faults: faults.map(({ host, port, why }) => `${bracketed(host)}:${port} ${why}`),
    all: bad.every(ports => ports.length > 0),
    isSure,
    corrections: faults.flatMap(({ host, port, answer }) =>
      answer.banner === 'v1' || answer.banner === 'v2' ? [correctedAddress(host, port, answer)] : [],
    ),
    hasStranger: faults.some(({ answer }) => answer.banner === 'other'),
  }
}

/**
 * Gives a protocol to each monitor of which it cannot be told, by asking it. Others are not asked, so this takes no time
 * for them.
 *
 * @param asks `ports`: the monitors that have only a port. `hosts`: those without one, which also finds out which ports
 *   are open, for a client that does not try both.
 */
export async function findProtocols(
  system: System,
  monitors: readonly Monitor[],
  limit: Deadline,
  asks = { ports: true, hosts: false },
): Promise<readonly Monitor[]> {
  const isAsked = (monitor: Monitor) =>
    monitor.port === undefined
      ? asks.hosts && monitor.protocol === undefined
      : asks.ports && protocolAt(monitor, monitor.port) === undefined
  const ask = (limitMs: number) =>
    Promise.all(
      monitors.map(async monitor => (isAsked(monitor) ? await askMonitor(system, monitor, limitMs) : [])),
    )
  if (!monitors.some(isAsked)) return monitors
  const first = await ask(limit.share(0.25, 1, FIRST_ASK_MS))
  const isHeard = first.flat().some(({ answer }) => !isSilence(answer))
  const asked = isHeard ? first : await ask(limit.share(0.25, 1, SECOND_ASK_MS))
  // the monitors of a cluster use the same protocol at such ports
  const spoken = new Set(asked.flat().flatMap(({ protocol }) => protocol ?? []))
  const [common] = spoken.size === 1 ? spoken : []
  return monitors.flatMap((monitor, i) => {
    const found = (asked[i] ?? []).filter(({ protocol, why }) => protocol !== undefined && why === undefined)
    if (found.length > 0)
      return found.map(({ host, port, protocol }) => ({ host, port, ...(protocol && { protocol }) }))
    return common && monitor.port !== undefined && protocolAt(monitor, monitor.port) === undefined
      ? { ...monitor, protocol: common }
      : monitor
  })
}

type Asked = {
  host: string
  port: number
  answer: MonitorAnswer
  /** The protocol that it uses. */
  protocol: 'v1' | 'v2' | undefined
  /** Why no client can use it. */
  why: string | undefined
}

function askMonitor(system: System, monitor: Monitor, limitMs: number): Promise<Asked[]> {
  const { host } = monitor
  return Promise.all(
    portsOf(monitor).map(async port => {
      const answer = await system.ask(host, port, limitMs)
      const protocol = answer.banner === 'v1' || answer.banner === 'v2' ? answer.banner : undefined
      return { host, port, answer, protocol, why: unusable(protocolAt(monitor, port), answer) }
    }),
  )
}
