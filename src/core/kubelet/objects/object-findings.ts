import { fieldAt, type UntypedObject } from '../../kubernetes/untyped-objects.js'
import { claimFindings, claimNamespace, unknownClaims } from './claim-findings.js'
import type { ObjectFinding, VolumeInObjects } from './finding.js'
import { podFindings } from './pod-findings.js'
import { secretFindings } from './secret-findings.js'
import { type InstalledDriver, sourceFindings } from './source-findings.js'
import { volumeFindings } from './volume-findings.js'

/**
 * Everything around the options of a volume that decides whether the kubelet calls the driver, and with which key.
 * What the objects do not say is no finding.
 *
 * @param ours the name of this driver, `VENDOR/DRIVER`.
 */
export function objectFindings(
  objects: readonly UntypedObject[],
  volume: VolumeInObjects,
  ours: string,
  installed: InstalledDriver,
): ObjectFinding[] {
  const source = sourceFindings(volume, ours, installed)
  if (volume.podSpec) {
    const namespace = fieldAt(volume.object, 'metadata', 'namespace')
    return [
      ...source,
      ...podFindings(objects, volume, namespace),
      ...secretFindings(objects, volume, namespace),
    ]
  }
  return [
    ...source,
    ...volumeFindings(volume),
    ...claimFindings(objects, volume.object),
    ...unknownClaims(objects),
    ...secretFindings(objects, volume, claimNamespace(objects, volume.object)),
  ]
}
