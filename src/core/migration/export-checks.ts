import { fuseMonitors, type Monitor, parseMonitors } from '../ceph/monitors.js'
import type { CephFsVolume } from './pv-file.js'

/** A volume that is not exported, and why, as a sentence about it. */
export type LeftOut = { name: string; reason: string }

/**
 * Why a PersistentVolume cannot be exported: another driver mounts it, or a default would have to be guessed. Undefined
 * if it can.
 *
 * @param driver of flexVolumes, `VENDOR/DRIVER`.
 */
export function exportProblem(volume: CephFsVolume, driver: string): string | undefined {
  const { source, defaults } = volume
  if (source === 'flexVolume' && volume.driver !== driver)
    return `its driver is ${volume.driver ?? 'not given'}, not ${driver} (--flex-driver)`
  const [missing] = defaults
  return missing && `it names no ${missing}, and an export does not use the default`
}

/** Monitors as texts that can be compared: `HOST:PORT`, with both default ports if none is given. */
export function monitorNames(monitors: readonly Monitor[]): string[] {
  return monitors.flatMap(({ host, port }) =>
    (port === undefined ? [3300, 6789] : [port]).map(each =>
      fuseMonitors([{ host, port: each }]).replace(/^v[12]:/, ''),
    ),
  )
}

/** The volumes of a file by cluster: those that share a monitor are of one. Volumes without monitors are of none. */
export function clustersOf(volumes: readonly CephFsVolume[]): string[][] {
  const clusters: { monitors: Set<string>; names: string[] }[] = []
  for (const { name, monitors, cluster } of volumes) {
    const own = new Set(cluster ? [cluster] : monitorNames(parseMonitors(monitors).monitors))
    if (own.size === 0) continue
    const same = clusters.filter(each => [...own].some(monitor => each.monitors.has(monitor)))
    for (const each of same) clusters.splice(clusters.indexOf(each), 1)
    clusters.push({
      monitors: new Set([...own, ...same.flatMap(each => [...each.monitors])]),
      names: [...same.flatMap(each => each.names), name],
    })
  }
  return clusters.map(({ names }) => names)
}
