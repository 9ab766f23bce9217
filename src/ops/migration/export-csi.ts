import { type Monitor, parseMonitors } from '../../core/ceph/monitors.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { type CsiSource, csiSourceOf } from '../../core/migration/csi.js'
import { exportProblem, type LeftOut, monitorNames } from '../../core/migration/export-checks.js'
import type { CephFsVolume } from '../../core/migration/pv-file.js'
import type { Secret } from '../../core/secret.js'
import type { System } from '../../system/system.js'
import { listVolumes } from '../provision/list.js'
import { proveVolumes } from '../provision/prove.js'
import type { AdminAccess, Provisioner } from '../provision/provisioner.js'
import { readVolumeKey } from '../provision/users.js'
import { resolveMonitors } from '../volume/resolve-monitors.js'

export type Exported = { sources: CsiSource[]; leftOut: LeftOut[] }

/** Where to look up what the volumes of a file say. */
type OpenCluster = { system: System; provisioner: Provisioner; access: AdminAccess }

/** The volumes of a cluster whose marks are confirmed. */
export async function exportCluster(provisioner: Provisioner): Promise<Exported> {
  const exported: Exported = { sources: [], leftOut: [] }
  for (const { volume, problem } of await proveVolumes(provisioner, await listVolumes(provisioner))) {
    const kept = volume.kept && `it was deleted, and its data is kept (${volume.kept})`
    const reason = problem ? `the mark of ${volume.path} is not confirmed: ${problem}` : kept
    if (reason === undefined) exported.sources.push(csiSourceOf(volume))
    else exported.leftOut.push({ name: volume.pv, reason })
  }
  return exported
}

/**
 * The volumes of a file that this driver mounts, from the cluster that is open.
 *
 * @param opened undefined if no cluster is needed: then the clusters are not compared.
 */
export async function exportFile(
  volumes: readonly CephFsVolume[],
  { flexDriver, sameCluster }: { flexDriver: string; sameCluster: boolean },
  opened: OpenCluster | undefined,
): Promise<Exported> {
  const exported: Exported = { sources: [], leftOut: [] }
  const known = opened && !sameCluster ? await clusterMonitors(opened) : undefined
  for (const volume of volumes) {
    const reason =
      exportProblem(volume, flexDriver) ??
      (opened && known ? await clusterProblem(opened.system, volume, known) : undefined)
    if (reason === undefined) exported.sources.push(volume)
    else exported.leftOut.push({ name: volume.name, reason })
  }
  return exported
}

/**
 * The keys of the users of these volumes, by user. A volume is left out if its user is not dedicated to its directory:
 * nothing more than the key of the volume is ever written.
 */
export async function readKeys(
  provisioner: Provisioner,
  { sources, leftOut }: Exported,
): Promise<Exported & { keys: Map<string, Secret> }> {
  const result = { sources: [] as CsiSource[], leftOut: [...leftOut], keys: new Map<string, Secret>() }
  const { fsName } = provisioner.cluster
  for (const source of sources) {
    try {
      if (source.fsName !== undefined && source.fsName !== fsName)
        throw new CephflexError(
          'ENOTOURS',
          `it is in the file system ${source.fsName}, not ${fsName} (--fs-name)`,
        )
      result.keys.set(source.user, await readVolumeKey(provisioner, source))
      result.sources.push(source)
    } catch (error) {
      const { code, message } = toCephflexError(error)
      if (code !== 'ENOTOURS' && code !== 'ENOVOLUME') throw error
      result.leftOut.push({ name: source.name, reason: message })
    }
  }
  return result
}

async function clusterProblem(
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
async function clusterMonitors({ system, provisioner, access }: OpenCluster): Promise<Set<string>> {
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
