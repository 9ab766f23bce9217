import { toCephflexError } from '../../core/errors.js'
import type { Caps } from '../../core/provision/caps/caps.js'
import { believed, isArchive, placeProblem, userProblem } from '../../core/provision/proof.js'
import { type Volume, volumeOf } from '../../core/provision/volume.js'
import type { ListedVolume } from './list.js'
import type { Provisioner } from './provisioner.js'
import { readUserCaps } from './users.js'

/** `problem`: why the mark of its directory is not confirmed, as a sentence about the directory. */
export type ProvenVolume = { volume: Volume; problem?: string | undefined }

/** Marked directories as volumes, with what the caps of their users do not confirm. Never throws for a single one. */
export async function proveVolumes(
  provisioner: Provisioner,
  listed: readonly ListedVolume[],
): Promise<ProvenVolume[]> {
  const proven = await Promise.all(listed.map(each => prove(provisioner, each)))
  return proven.map(each => ({ ...each, problem: each.problem ?? twinProblem(each, proven) }))
}

async function prove(provisioner: Provisioner, listed: ListedVolume): Promise<ProvenVolume> {
  const { cluster } = provisioner
  const { share, path, sizeBytes, layout } = listed
  const directory = `${cluster.claimRoot}/${share}`
  const { user, pv } = listed.marker
  const { caps, problem: unread } = await tryReadCaps(provisioner, user)
  const marker = believed(listed.marker, { names: { user }, directory, caps, layout })
  const volume = volumeOf(marker, path, sizeBytes, cluster.fsName)
  // the user of kept data was deleted
  const isKept = isArchive(marker, share) || (marker.kept && caps === undefined)
  const problem =
    placeProblem(share, pv) ?? unread ?? (isKept ? undefined : userProblem(volume, caps, cluster))
  return { volume, problem }
}

async function tryReadCaps(
  provisioner: Provisioner,
  user: string,
): Promise<{ caps?: Caps | undefined; problem?: string }> {
  try {
    return { caps: await readUserCaps(provisioner, user) }
  } catch (error) {
    const { code, message } = toCephflexError(error)
    // a user that this key may not read is not one of a volume
    if (code === 'EPROVISION') return { problem: message }
    throw error
  }
}

/** Two confirmed marks of one name: only one of them can be right. */
function twinProblem({ volume, problem }: ProvenVolume, all: readonly ProvenVolume[]): string | undefined {
  if (problem !== undefined || volume.kept) return undefined
  const twin = all.find(
    each =>
      each.problem === undefined &&
      !each.volume.kept &&
      each.volume.pv === volume.pv &&
      each.volume.path !== volume.path,
  )
  return twin && `${twin.volume.path} has the same mark`
}
