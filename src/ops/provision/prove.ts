import { believed, isArchive, placeProblem, userProblem } from '../../core/provision/proof.js'
import { tenantAt } from '../../core/provision/tenant.js'
import { type Volume, volumeOf } from '../../core/provision/volume.js'
import type { ListedVolume } from './list.js'
import type { Provisioner } from './provisioner.js'
import { type ReadCaps, readCaps } from './users.js'

/** `problem`: why the mark of its directory is not confirmed, as a sentence about the directory. */
export type ProvenVolume = { volume: Volume; problem?: string | undefined }

/** Marked directories as volumes, with what the caps of their users do not confirm. Never throws for a single one. */
export async function proveVolumes(
  provisioner: Provisioner,
  listed: readonly ListedVolume[],
): Promise<ProvenVolume[]> {
  const users = await readCaps(provisioner, new Set(listed.map(userOf)))
  const proven = listed.map(each => prove(provisioner, each, users.get(userOf(each)) ?? {}))
  const twins = new Map<string, ProvenVolume[]>()
  for (const each of proven.filter(isLive))
    twins.set(each.volume.pv, [...(twins.get(each.volume.pv) ?? []), each])
  return proven.map(each => ({ ...each, problem: each.problem ?? twinProblem(each, twins) }))
}

function prove(
  { cluster }: Provisioner,
  listed: ListedVolume,
  { caps, problem: unread }: ReadCaps,
): ProvenVolume {
  const { share, path, sizeBytes, layout } = listed
  const { pv } = listed.marker
  const names = { share, user: userOf(listed) }
  const marker = believed(listed.marker, { names, claimRoot: cluster.claimRoot, caps, layout })
  const volume = volumeOf(marker, path, sizeBytes, cluster.fsName)
  // the user of kept data was deleted
  const isKept = isArchive(marker, share) || (marker.kept && caps === undefined)
  const problem =
    placeProblem(share, pv) ?? unread ?? (isKept ? undefined : userProblem(volume, caps, cluster))
  return { volume, problem }
}

function userOf({ share, marker }: ListedVolume): string {
  return (tenantAt(share) ?? marker).user
}

function isLive({ volume, problem }: ProvenVolume): boolean {
  return problem === undefined && !volume.kept
}

/** Two confirmed marks of one name: only one of them can be right. */
function twinProblem(
  proven: ProvenVolume,
  twins: ReadonlyMap<string, readonly ProvenVolume[]>,
): string | undefined {
  if (!isLive(proven)) return undefined
  const { pv, path } = proven.volume
  const twin = twins.get(pv)?.find(each => each.volume.path !== path)
  return twin && `${twin.volume.path} has the same mark`
}
