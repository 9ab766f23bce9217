import type { Monitor } from '../../core/ceph/monitors.js'
import { portsOf } from '../../core/ceph/ports.js'
import { CephflexError } from '../../core/errors.js'
import { isIPv4, isIPv6 } from '../../core/text/host.js'
import type { System } from '../../system/system.js'

const LOOKUP_MS = 5_000

/** The limit of {@link unreachableMonitors}. A shorter one would report monitors that are only slow. */
export const PROBE_MS = 1_000

/**
 * Replaces names by addresses, since neither the kernel nor ceph-fuse accepts a
 * name with a non-default port. A name with several addresses becomes several
 * monitors. Names that do not resolve are left out.
 *
 * @throws CephflexError ENOHOST if no name resolves, EINTERRUPTED.
 */
export async function resolveMonitors(system: System, monitors: readonly Monitor[]): Promise<Monitor[]> {
  const resolved = await Promise.all(
    monitors.map(async monitor => {
      if (isIPv4(monitor.host) || isIPv6(monitor.host)) return [monitor]
      return (await lookUp(system, monitor.host)).map(host => ({ ...monitor, host }))
    }),
  )
  if (resolved.flat().length > 0) return resolved.flat()
  const names = monitors.map(({ host }) => host).join(', ')
  throw new CephflexError('ENOHOST', `no address found for ${names}`)
}

/**
 * Tries to reach every monitor over TCP, all at once, within a second.
 *
 * @returns `dead`: a text for each address that did not accept, for example `10.0.0.1:6789 refused`;
 *   `all`: whether no monitor accepted.
 */
export async function unreachableMonitors(
  system: System,
  monitors: readonly Monitor[],
): Promise<{ dead: string[]; all: boolean }> {
  const results = await Promise.all(monitors.map(monitor => probeMonitor(system, monitor)))
  return { dead: results.flat(), all: results.every(dead => dead.length > 0) }
}

/** Resolves with getent(1), which can be killed if a name server hangs. */
async function lookUp({ run }: System, name: string): Promise<string[]> {
  const { exitCode, stdout, interrupted } = await run('getent', ['ahosts', name], { timeoutMs: LOOKUP_MS })
  if (interrupted) throw new CephflexError('EINTERRUPTED', `interrupted by a signal while resolving ${name}`)
  if (exitCode !== 0) return []
  return [...new Set(stdout.split('\n').flatMap(line => line.split(/\s+/)[0] || []))]
}

async function probeMonitor(system: System, monitor: Monitor): Promise<string[]> {
  const { host } = monitor
  const ports = portsOf(monitor)
  const problems = await Promise.all(ports.map(each => system.probe(host, each, PROBE_MS)))
  // without a port the client tries both, so one that listens is enough
  if (problems.includes(undefined)) return []
  return problems.map((problem, i) => `${host}:${ports[i]} ${problem}`)
}
