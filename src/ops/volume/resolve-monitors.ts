import type { Monitor } from '../../core/ceph/monitors.js'
import { portsOf } from '../../core/ceph/ports.js'
import type { Deadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { isIPv4, isIPv6 } from '../../core/text/host.js'
import type { System } from '../../system/system.js'

const LOOKUP_MS = 5_000

/** The limit of {@link unreachableMonitors}. After a shorter one, a monitor without an answer may be slow. */
export const PROBE_MS = 1_000

/** A call whose time is up still takes this long to find monitors that refuse. */
const LEAST_PROBE_MS = 250

const NO_ANSWER = 'no answer'

/**
 * Replaces names by addresses, since neither the kernel nor ceph-fuse accepts a
 * name with a non-default port. A name with several addresses becomes several
 * monitors. Names that do not resolve are left out.
 *
 * @throws CephflexError ENOHOST if no name resolves, ENOTOOL without getent, EINTERRUPTED.
 */
export async function resolveMonitors(
  system: System,
  monitors: readonly Monitor[],
  limit?: Deadline,
): Promise<Monitor[]> {
  const timeoutMs = limit?.share(0.75, 500, LOOKUP_MS) ?? LOOKUP_MS
  const lookups = await Promise.allSettled(
    monitors.map(async monitor => {
      if (isIPv4(monitor.host) || isIPv6(monitor.host)) return [monitor]
      return (await lookUp(system, monitor.host, timeoutMs)).map(host => ({ ...monitor, host }))
    }),
  )
  const resolved = lookups.flatMap(lookup => (lookup.status === 'fulfilled' ? lookup.value : []))
  const problems = lookups.flatMap(lookup => (lookup.status === 'rejected' ? [lookup.reason as unknown] : []))
  const stop = problems.find(problem => resolved.length === 0 || toCephflexError(problem).code !== 'ENOTOOL')
  if (stop !== undefined) throw stop
  if (resolved.length > 0) return resolved
  const names = monitors.map(({ host }) => host).join(', ')
  throw new CephflexError('ENOHOST', `no address found for ${names}`)
}

/**
 * Tries to reach every monitor over TCP, all at once, within a second. With less time left, only a refusal counts: a
 * monitor that did not answer may be slow.
 *
 * @returns `dead`: a text for each address that did not accept, for example `10.0.0.1:6789 refused`;
 *   `all`: whether no monitor accepted; `isSure`: whether those that are not `dead` have accepted.
 */
export async function unreachableMonitors(
  system: System,
  monitors: readonly Monitor[],
  deadline: Deadline,
): Promise<{ dead: string[]; all: boolean; isSure: boolean }> {
  const limitMs = deadline.share(1, LEAST_PROBE_MS, PROBE_MS)
  const results = await Promise.all(monitors.map(monitor => probeMonitor(system, monitor, limitMs)))
  const isSure = limitMs === PROBE_MS || !results.flat().some(isSilent)
  const dead = isSure ? results : results.map(texts => (texts.some(isSilent) ? [] : texts))
  return { dead: dead.flat(), all: dead.every(texts => texts.length > 0), isSure }
}

function isSilent(text: string) {
  return text.endsWith(` ${NO_ANSWER}`)
}

/** Resolves with getent(1), which can be killed if a name server hangs. */
async function lookUp({ run }: System, name: string, timeoutMs: number): Promise<string[]> {
  const { exitCode, stdout, interrupted } = await run('getent', ['ahosts', name], { timeoutMs })
  if (interrupted) throw new CephflexError('EINTERRUPTED', `interrupted by a signal while resolving ${name}`)
  if (exitCode !== 0) return []
  return [...new Set(stdout.split('\n').flatMap(line => line.split(/\s+/)[0] || []))]
}

async function probeMonitor(system: System, monitor: Monitor, limitMs: number): Promise<string[]> {
  const { host } = monitor
  const ports = portsOf(monitor)
  const problems = await Promise.all(ports.map(each => system.probe(host, each, limitMs)))
  // without a port the client tries both, so one that listens is enough
  if (problems.includes(undefined)) return []
  return problems.map((problem, i) => `${host}:${ports[i]} ${problem}`)
}
