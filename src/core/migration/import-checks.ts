import { CephflexError } from '../errors.js'
import { DRIVER } from '../provision/kubernetes.js'
import { isBelow } from '../text/paths.js'
import type { CephFsVolume, VolumePlace } from './pv-file.js'

/**
 * Refuses to import a volume that shares its directory with another PersistentVolume, or that a person must name first:
 * its deletion would delete data that something else still needs.
 *
 * @param places all PersistentVolumes with CephFS in the same file.
 * @param included the names that a person has given.
 * @throws CephflexError ENOTOURS.
 */
export function checkImport(
  volume: CephFsVolume,
  places: readonly VolumePlace[],
  included: readonly string[],
): void {
  const [overlap] = places.flatMap(place => overlapOf(volume, place) ?? [])
  if (overlap !== undefined)
    throw refuseImport(
      volume,
      overlap,
      'nothing was changed. If the other PersistentVolume only shows the data of this one, leave it out of the file',
    )
  const reasons = reasonsToAsk(volume)
  if (reasons.length > 0 && !included.includes(volume.name))
    throw refuseImport(
      volume,
      reasons.join(', and '),
      `nothing was changed. If cephflex may delete the data of ${volume.name}, add "--include ${volume.name}"`,
    )
}

/** ENOTOURS for a volume that was not imported. */
export function refuseImport(
  { name }: CephFsVolume,
  what: string,
  hint = 'nothing was changed; fix it by hand, or plan to delete this volume by hand',
): CephflexError {
  return new CephflexError('ENOTOURS', `${name} was not imported: ${what}`, { hint })
}

/** Other file systems have other directories. Clusters are not compared: their monitors may have several addresses. */
function overlapOf(volume: CephFsVolume, other: VolumePlace): string | undefined {
  const { name, path, fsName } = volume
  if (other.name === name)
    return other.path === path ? undefined : `${other.path} is a directory of ${name}, too`
  if (fsName !== undefined && other.fsName !== undefined && fsName !== other.fsName) return undefined
  const who = `the PersistentVolume ${other.name}`
  if (other.path === path) return `${path} is also the directory of ${who}`
  if (isBelow(path, other.path)) return `${path} is in ${other.path}, the directory of ${who}`
  return isBelow(other.path, path) ? `${other.path}, the directory of ${who}, is in ${path}` : undefined
}

/** Why a person must name a volume: its data may not be its own, or should outlive it. */
function reasonsToAsk(volume: CephFsVolume): string[] {
  const { source, driver, readOnly, accessModes, reclaimPolicy, provisioner } = volume
  const onlyReads = accessModes.length > 0 && accessModes.every(mode => mode === 'ReadOnlyMany')
  return [
    ...(source === 'flexVolume' && driver !== DRIVER
      ? [`its driver is ${driver ?? 'not given'}, not ${DRIVER}`]
      : []),
    ...(readOnly || onlyReads ? ['it is read-only'] : []),
    ...(reclaimPolicy === 'Delete'
      ? []
      : [`its reclaim policy is ${reclaimPolicy ?? 'not set'}, not Delete`]),
    ...(provisioner === undefined ? ['no provisioner created it'] : []),
  ]
}
