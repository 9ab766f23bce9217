import { toCephflexError } from '../../core/errors.js'
import type { Caps } from '../../core/provision/caps/caps.js'
import { believed, isArchive, placeProblem, userProblem } from '../../core/provision/proof.js'
import { tenantAt } from '../../core/provision/tenant.js'
import { type Volume, volumeOf } from '../../core/provision/volume.js'
import type { ListedVolume } from './list.js'
import type { Provisioner } from './provisioner.js'
import { listUsers, readUserCaps } from './users.js'

/** `problem`: why the mark of its directory is not confirmed, as a sentence about the directory. */
export type ProvenVolume = { volume: Volume; problem?: string | undefined }

/** More users than these are read with one command, if the key may. It shows every user of the cluster. */
const MAX_SINGLE = 50

type ReadCaps = { caps?: Caps | undefined; problem?: string }

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

/** The caps of many users, by name. */
async function readCaps(
  provisioner: Provisioner,
  users: ReadonlySet<string>,
): Promise<Map<string, ReadCaps>> {
  const all = users.size > MAX_SINGLE ? await tryListUsers(provisioner) : undefined
  if (all !== undefined) return all
  const pairs = [...users].map(async user => [user, await tryReadCaps(provisioner, user)] as const)
  return new Map(await Promise.all(pairs))
}

/** @returns undefined if the key may not list the users. */
async function tryListUsers(provisioner: Provisioner): Promise<Map<string, ReadCaps> | undefined> {
  try {
    const listed = await listUsers(provisioner)
    return new Map(listed.map(({ entity, caps }) => [entity.replace(/^client\./, ''), { caps }]))
  } catch (error) {
    if (toCephflexError(error).code === 'ENOCAPS') return undefined
    throw error
  }
}

async function tryReadCaps(provisioner: Provisioner, user: string): Promise<ReadCaps> {
  try {
    return { caps: await readUserCaps(provisioner, user) }
  } catch (error) {
    const { code, message } = toCephflexError(error)
    // a user that this key may not read is not one of a volume
    if (code === 'EPROVISION') return { problem: message }
    throw error
  }
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
