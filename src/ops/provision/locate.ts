import { CephflexError } from '../../core/errors.js'
import { MARKER_XATTR } from '../../core/provision/marker.js'
import {
  type Backend,
  type ClaimRef,
  isDerivedName,
  type VolumeNames,
  volumeNames,
} from '../../core/provision/names.js'
import { isArchive, placeProblem, userProblem } from '../../core/provision/proof.js'
import { tenantAt } from '../../core/provision/tenant.js'
import type { VolumeFacts } from '../../core/provision/volume.js'
import { shellQuoted } from '../../core/text/shell.js'
import { inspectVolume } from './inspect.js'
import { findMarked, type ListedVolume } from './list.js'
import type { Provisioner } from './provisioner.js'

type VolumeLocation = { names: VolumeNames; facts: VolumeFacts }

export type VolumeHints = { claim?: ClaimRef | undefined; names?: VolumeNames | undefined }

/**
 * Finds a volume by the name of its PersistentVolume. If it is not at the path
 * that follows from the name, searches all marks: it may have been created
 * with deterministic names. A mark that is found so must be confirmed by the
 * caps of its user, since pods can write marks.
 *
 * @throws CephflexError ENOTOURS if the mark is not confirmed, or several directories have it.
 */
export async function locateVolume(
  provisioner: Provisioner,
  pv: string,
  hints: VolumeHints = {},
): Promise<VolumeLocation> {
  const { cluster } = provisioner
  let first: VolumeLocation | undefined
  for (const names of candidates(pv, cluster.backend, hints)) {
    const facts = await inspectVolume(provisioner, names)
    if (isFor(facts, pv)) return { names, facts }
    first ??= { names, facts }
  }
  const found = hints.names ? undefined : await findMarked(provisioner, pv)
  if (found !== undefined) return confirmed(provisioner, pv, found)
  const { names, facts } = first as VolumeLocation
  const isOwnPath = hints.claim === undefined && isDerivedName(names.share)
  if (isOwnPath && facts.volume.kind === 'ours')
    throw markRefused(
      `${cluster.claimRoot}/${names.share}`,
      facts.volume.marker.pv,
      `it is the path of ${pv}`,
    )
  return { names, facts }
}

/**
 * Why the mark of a volume is not confirmed, as the end of a sentence; undefined if it is. A user that does not exist
 * gives nothing away, and is missing after an interrupted deletion.
 */
export function problemOf(
  share: string,
  { volume, user, dataPath = '', cluster }: VolumeFacts,
): string | undefined {
  if (volume.kind !== 'ours' || user.kind === 'missing' || isArchive(volume.marker, share)) return undefined
  return userProblem({ ...volume.marker, path: dataPath }, user.caps, cluster)
}

/** ENOTOURS for a directory whose mark is not confirmed. */
export function markRefused(path: string, pv: string, problem: string): CephflexError {
  return new CephflexError('ENOTOURS', `${path} has the mark of ${pv}, but ${problem}`, {
    hint: `a pod can change the mark of its volume: compare it with "ceph auth ls", and correct it with "setfattr -n ${MARKER_XATTR} -v MARK ${shellQuoted(path)}"`,
  })
}

/** Whether these facts are of the volume of this name. */
export function isFor({ volume, intended }: VolumeFacts, pv: string): boolean {
  return (volume.kind === 'ours' && volume.marker.pv === pv) || intended?.pv === pv
}

async function confirmed(
  provisioner: Provisioner,
  pv: string,
  { share, marker }: Pick<ListedVolume, 'share' | 'marker'>,
): Promise<VolumeLocation> {
  const { cluster } = provisioner
  const { user, namespace } = tenantAt(share) ?? marker
  const names = { share, user, namespace }
  const facts = await inspectVolume(provisioner, names)
  const problem = placeProblem(share, pv) ?? problemOf(share, facts)
  if (problem !== undefined) throw markRefused(`${cluster.claimRoot}/${share}`, pv, problem)
  return { names, facts }
}

/** The names that a volume may have: the known ones, else those that follow from its own or its claim's name. */
function candidates(pv: string, backend: Backend, hints: VolumeHints): VolumeNames[] {
  if (hints.names) return [hints.names]
  const other: Backend = backend === 'directory' ? 'subvolume' : 'directory'
  return (hints.claim ? [backend, other] : [backend]).map(each => volumeNames(pv, each, hints.claim))
}
