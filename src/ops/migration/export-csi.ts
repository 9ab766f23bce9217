import { CephflexError, toCephflexError } from '../../core/errors.js'
import { type CsiSource, csiSourceOf } from '../../core/migration/csi.js'
import { exportProblem, type LeftOut } from '../../core/migration/export-checks.js'
import type { CephFsVolume } from '../../core/migration/pv-file.js'
import type { Secret } from '../../core/secret.js'
import { listVolumes } from '../provision/list.js'
import { proveVolumes } from '../provision/prove.js'
import type { Provisioner } from '../provision/provisioner.js'
import { readVolumeKey } from '../provision/users.js'
import { clusterMonitors, clusterProblem, type OpenCluster } from './same-cluster.js'

export type Exported = { sources: CsiSource[]; leftOut: LeftOut[] }

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
