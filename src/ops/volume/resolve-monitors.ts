import type { Monitor } from '../../core/ceph/monitors.js'
import type { Deadline } from '../../core/deadline.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { isIPv4, isIPv6, unmapped } from '../../core/text/host.js'
import type { System } from '../../system/system.js'

const LOOKUP_MS = 5_000

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
  const timeoutMs = limit?.share(0.5, 500, LOOKUP_MS) ?? LOOKUP_MS
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

/** Resolves with getent(1), which can be killed if a name server hangs. */
async function lookUp({ run }: System, name: string, timeoutMs: number): Promise<string[]> {
  const { exitCode, stdout, interrupted } = await run('getent', ['ahosts', name], { timeoutMs })
  if (interrupted) throw new CephflexError('EINTERRUPTED', `interrupted by a signal while resolving ${name}`)
  if (exitCode !== 0) return []
  const addresses = stdout.split('\n').flatMap(line => line.split(/\s+/)[0] || [])
  // Ceph has no zones, as in fe80::1%eth0
  return [...new Set(addresses.filter(address => !address.includes('%')).map(unmapped))]
}
