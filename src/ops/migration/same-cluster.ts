import { type Monitor, parseMonitors } from '../../core/ceph/monitors.js'
import { monitorNames } from '../../core/migration/export-checks.js'
import type { CephFsVolume } from '../../core/migration/pv-file.js'
import type { System } from '../../system/system.js'
import type { AdminAccess, Provisioner } from '../provision/provisioner.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'

/** Where to look up what the volumes of a file say. */
export type OpenCluster = { system: System; provisioner: Provisioner; access: AdminAccess }

/**
 * Why a PersistentVolume is not of the open cluster, as a sentence about it; undefined if it is.
 *
 * @param known the addresses of the open cluster: {@link clusterMonitors}.
 */
export async function clusterProblem(
  system: System,
  { monitors, cluster }: CephFsVolume,
  known: ReadonlySet<string>,
): Promise<string | undefined> {
  const configured = cluster === undefined ? undefined : system.config.clusters[cluster]?.monitors
  const text = configured ?? monitors
  if (text === '')
    return cluster === undefined
      ? 'it names no monitors, so its cluster is not known'
      : `its cluster ${cluster} is not in the configuration of this node`
  const names = await resolvedNames(system, parseMonitors(text).monitors)
  if (names.some(name => known.has(name))) return undefined
  return `its monitors ${text} are not those of this cluster (--same-cluster if they are, with other addresses)`
}

/** The addresses of the open cluster: those that the monitors know, and those by which they were reached. */
export async function clusterMonitors({ system, provisioner, access }: OpenCluster): Promise<Set<string>> {
  const dump = (await provisioner.rados.command('mon', { prefix: 'mon dump' })) as {
    mons?: { addr?: string; public_addrs?: { addrvec?: { addr?: string }[] } }[]
  }
  const texts = (dump.mons ?? []).flatMap(({ addr, public_addrs }) => [
    addr,
    ...(public_addrs?.addrvec ?? []).map(each => each.addr),
  ])
  const { monitors } = parseMonitors(texts.filter(text => text !== undefined).join(','))
  return new Set([...monitorNames(monitors), ...(await resolvedNames(system, access.monitors))])
}

async function resolvedNames(system: System, monitors: readonly Monitor[]): Promise<string[]> {
  if (monitors.length === 0) return []
  try {
    return monitorNames(await resolveMonitors(system, monitors))
  } catch {
    // names that do not resolve are no known address
    return monitorNames(monitors)
  }
}
