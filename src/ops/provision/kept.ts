import type { ListedDirectory } from '../../core/ceph/cephfs-operations.js'
import { CephflexError } from '../../core/errors.js'
import {
  isDataName,
  isNamedBy,
  type KeptData,
  type KeptReference,
  keptProblem,
} from '../../core/provision/kept.js'
import { parseSettings, settingsPath } from '../../core/provision/kept-settings.js'
import { reservedPath } from '../../core/provision/names.js'
import { layoutOf, quotaOf, VOLUME_ATTRIBUTES } from './attributes.js'
import { directoryState } from './inspect.js'
import { type ListedVolume, listKeptMarks, listMarks } from './list.js'
import { findIn } from './obstacles.js'
import type { Provisioner } from './provisioner.js'
import { listUsers } from './users.js'

/**
 * Kept data, if it is proven that it is: a pod can write the mark of kept data into its own volume. Changes nothing.
 *
 * @returns undefined if there is nothing of this name.
 * @throws CephflexError ENOTOURS if it is not kept data, or several directories fit the name; ENOCAPS.
 */
export async function findKept(
  provisioner: Provisioner,
  reference: KeptReference,
  signal?: AbortSignal | undefined,
): Promise<KeptData | undefined> {
  const { claimRoot } = provisioner.cluster
  const isNamed = ({ marker, share }: Pick<ListedVolume, 'marker' | 'share'>) =>
    isNamedBy(reference, { pv: marker.pv, share })
  const marked = (await listKeptMarks(provisioner)).filter(isNamed)
  if (marked.length === 0) {
    await refuseOthers(provisioner, reference, isNamed)
    return undefined
  }
  const users = await listUsers(provisioner)
  const judged = marked.map(({ marker, share }) => ({
    share,
    problem: keptProblem(marker, share, users, provisioner.cluster),
  }))
  const [only, ...more] = judged.filter(({ problem }) => problem === undefined)
  const [first] = judged
  if (only === undefined)
    throw new CephflexError('ENOTOURS', `${claimRoot}/${first?.share} is not kept data: ${first?.problem}`)
  if (more.length > 0)
    throw new CephflexError(
      'ENOTOURS',
      `several directories have this name: ${[only, ...more].map(({ share }) => `${claimRoot}/${share}`).join(', ')}`,
      { hint: 'pass the path of one of them instead' },
    )
  return inspectKept(provisioner, only.share, signal)
}

/** What is left at the path of kept data after it was moved away: the empty directory of a subvolume, or nothing. */
export async function restOf({ files }: Provisioner, share: string): Promise<'none' | 'empty' | 'data'> {
  const [info] = await files.look([share], VOLUME_ATTRIBUTES)
  const state = directoryState(info)
  if (state.kind === 'missing') return 'none'
  if (state.kind !== 'ours' || state.marker.kept === undefined || layoutOf(info)) return 'data'
  return (await files.list(share, [])).length === 0 ? 'empty' : 'data'
}

/** Refuses a name that something else has. */
async function refuseOthers(
  provisioner: Provisioner,
  reference: KeptReference,
  isNamed: (volume: Pick<ListedVolume, 'marker' | 'share'>) => boolean,
): Promise<void> {
  const { files, cluster } = provisioner
  const live = (await listMarks(provisioner)).find(isNamed)
  if (live !== undefined)
    throw new CephflexError(
      'ENOTOURS',
      `${cluster.claimRoot}/${live.share} is not kept data, but the volume ${live.marker.pv}`,
      {
        hint: `"cephflex volume delete ${live.marker.pv} --on-delete archive" deletes it and keeps its data`,
      },
    )
  if ('pv' in reference || !(await provisioner.openRoot(false))) return
  const [info] = await files.look([reference.path], [])
  if (info?.kind === 'missing') return
  throw new CephflexError('ENOTOURS', `${cluster.claimRoot}/${reference.path} is not marked as kept data`)
}

async function inspectKept(
  provisioner: Provisioner,
  share: string,
  signal: AbortSignal | undefined,
): Promise<KeptData> {
  const { files, cluster } = provisioner
  const trashPath = reservedPath('trash', share)
  const [info, trashInfo, settings] = await files.look(
    [share, trashPath, settingsPath(share)],
    VOLUME_ATTRIBUTES,
  )
  const [state, trash] = [directoryState(info), directoryState(trashInfo)]
  const marker = state.kind === 'ours' ? state.marker : undefined
  const entry = info?.kind === 'directory' ? { name: share, attributes: info.attributes } : undefined
  const place = marker && entry ? await placeOf(provisioner, share, entry) : GONE
  const below = place.below ?? share
  const inKept = marker ? await findIn(provisioner, share, signal) : NOTHING
  const inTrash = trash.kind === 'ours' ? await findIn(provisioner, trashPath, signal) : NOTHING
  return {
    ...place,
    // a snapshot of it is deleted as one of a directory: the manager may not know it
    cluster: { ...cluster, backend: 'directory' },
    share,
    marker,
    trash,
    below,
    onDelete: parseSettings(settings?.kind === 'other' ? settings.target : undefined),
    snapshots: [...inKept.snapshots, ...inTrash.snapshots],
    // a mark of the data itself: that of a pod, or of an interrupted restore
    inner: [...inKept.marked, ...inTrash.marked].filter(path => path !== below),
  }
}

type Place = Pick<KeptData, 'backend' | 'layout' | 'sizeBytes'> & { below?: string }

const GONE: Place = { backend: 'directory', layout: undefined, sizeBytes: 0n }
const NOTHING = { snapshots: [], marked: [] }

/** The directory with the layout contains the data. No pod can set a layout; it could create a directory in its own. */
async function placeOf({ files }: Provisioner, share: string, entry: ListedDirectory): Promise<Place> {
  const own = layoutOf(asInfo(entry))
  if (own !== undefined) return { backend: 'directory', layout: own, sizeBytes: quotaOf(entry) }
  const inside = (await files.list(share, VOLUME_ATTRIBUTES)).filter(each => isDataName(each.name))
  const data = inside.find(each => layoutOf(asInfo(each)))
  if (data === undefined) return { backend: 'directory', layout: undefined, sizeBytes: quotaOf(entry) }
  return {
    backend: 'subvolume',
    layout: layoutOf(asInfo(data)),
    sizeBytes: quotaOf(data),
    below: `${share}/${data.name}`,
  }
}

function asInfo({ attributes }: ListedDirectory) {
  return { kind: 'directory', attributes } as const
}
