import { QUOTA_XATTR, SUBVOLUME_XATTR } from '../ceph/xattrs.js'
import { CephflexError } from '../errors.js'
import { checkOwner } from './check-owner.js'
import type { KeptData } from './kept.js'
import { settingsSteps } from './kept-settings.js'
import { MARKER_XATTR, type Marker, writeMarker } from './marker.js'
import type { VolumeNames } from './names.js'
import { refuseInner, refuseSnapshots } from './obstacles.js'
import { userSteps } from './plan-create.js'
import { removeMeta, removeRecord } from './plan-purge.js'
import { isArchive } from './proof.js'
import { isQuotaFor, quotaFor } from './quantity.js'
import type { Step } from './steps.js'
import type { VolumeFacts } from './volume.js'

/** The volume that kept data is to become. Size and access are those of its former volume if they are not given. */
export type RestoreRequest = {
  pv: string
  names: VolumeNames
  sizeBytes?: bigint | undefined
  readOnly?: boolean | undefined
  /** ISO 8601. */
  createdAt: string
}

/**
 * The steps that make kept data a volume again. The data is moved in one step, with a mark that shows where it belongs;
 * {@link planFinish} continues after that. A subvolume becomes a directory, unless it stays in its place: the manager
 * does not know it any more.
 *
 * @param target what is at the path of the new volume.
 * @throws CephflexError ENOTOURS if the volume or its user exists, other volumes are inside, or no caps can be limited
 *   to the data; ESNAPSHOTS for a subvolume with snapshots; ESHRINK; EBADVOLUME.
 */
export function planRestore(request: RestoreRequest, kept: KeptData, target: VolumeFacts): Step[] {
  const { share, marker, layout, below, cluster } = kept
  const path = `${cluster.claimRoot}/${share}`
  if (marker === undefined)
    throw new CephflexError('ENOTOURS', `${path} is being deleted: its purge was interrupted`)
  if (layout === undefined)
    throw new CephflexError(
      'ENOTOURS',
      `${path} has no layout of its own, so no user can be limited to its data`,
    )
  refuseTaken(request, kept, target)
  const readOnly = request.readOnly ?? marker.readOnly
  const isInPlace = share === request.names.share
  const backend = isInPlace ? kept.backend : 'directory'
  const data = isInPlace ? below : request.names.share
  const from = { pv: marker.pv, share }
  const mark = finalMark(request, { ...layout, backend, readOnly, from })
  const quota = quotaSteps(below, kept.sizeBytes, request.sizeBytes)
  const dataPath = `${cluster.claimRoot}/${data}`
  const user = userSteps({ ...request, readOnly }, { ...target, dataPath, layout }, layout)
  const settings = settingsSteps(share, kept.onDelete)
  if (isInPlace) return [...quota, setMark(share, mark), ...settings, ...user]
  const move = kept.backend === 'subvolume' ? moveOut(kept, data, mark) : moveWhole(kept, data, mark)
  return [...quota, ...move, ...settings, ...user]
}

/**
 * The steps that are left after the data was moved. None if it is a complete volume.
 *
 * @param leftover the empty directory that the data was in, relative to claimRoot, if it still exists.
 * @throws CephflexError ENOTOURS if it was restored with another access; ESHRINK; EBADVOLUME.
 */
export function planFinish(
  request: RestoreRequest,
  target: VolumeFacts,
  marker: Marker,
  leftover: string | undefined,
): Step[] {
  const { volume, dataPath = '', cluster } = target
  const readOnly = marker.kept ? (request.readOnly ?? marker.readOnly) : marker.readOnly
  if (request.readOnly !== undefined && request.readOnly !== readOnly)
    throw new CephflexError(
      'ENOTOURS',
      `${request.pv} was restored already, but is ${readOnly ? 'read-only' : 'read-write'}`,
    )
  const sizeBytes = volume.kind === 'ours' ? volume.sizeBytes : 0n
  const mark = finalMark(request, { ...marker, readOnly })
  return [
    ...quotaSteps(dataPath.slice(cluster.claimRoot.length + 1), sizeBytes, request.sizeBytes),
    ...(marker.kept ? [setMark(request.names.share, mark)] : []),
    ...(leftover === undefined ? [] : [{ do: 'remove directory', path: leftover } as const]),
    ...userSteps({ ...request, readOnly }, target, marker),
  ]
}

function refuseTaken(request: RestoreRequest, kept: KeptData, target: VolumeFacts): void {
  const { pv, names } = request
  if (kept.share === names.share) {
    if (target.user.kind === 'missing') return
    throw new CephflexError('ENOTOURS', `client.${names.user} already exists`)
  }
  checkOwner(request, target)
  if (target.volume.kind !== 'missing' || target.intended !== undefined)
    throw new CephflexError('ENOTOURS', `the volume ${pv} already exists`, { hint: 'choose another name' })
  refuseInner(kept, 'changed')
  if (kept.backend === 'subvolume') refuseSnapshots(kept, 'changed')
}

/** Moves a directory with its mark. The mark names the new volume before, so that a killed call can be continued. */
function moveWhole({ share, marker }: KeptData, to: string, mark: Marker): Step[] {
  if (marker === undefined || mark.from === undefined) return []
  const meta = isArchive(marker, share) ? [] : removeMeta(share, marker)
  return [
    ...parents(to),
    setMark(share, { ...marker, from: mark.from, to: mark.pv }),
    ...meta,
    { do: 'rename', from: share, to },
    setMark(to, mark),
  ]
}

/** Moves the data out of a subvolume, and removes what is left of that. */
function moveOut({ share, marker, below }: KeptData, to: string, mark: Marker): Step[] {
  const isRecorded = marker !== undefined && !isArchive(marker, share)
  return [
    ...parents(to),
    setMark(below, mark),
    ...(isRecorded ? [removeRecord(share)] : []),
    { do: 'set attribute', path: share, name: SUBVOLUME_XATTR, value: '0', mayBeUnknown: true },
    { do: 'rename', from: below, to },
    { do: 'remove directory', path: share },
  ]
}

function parents(share: string): Step[] {
  const above = share.split('/').slice(0, -1).join('/')
  return above === '' ? [] : [{ do: 'make parents', path: above }]
}

function setMark(path: string, mark: Marker): Step {
  return { do: 'set attribute', path, name: MARKER_XATTR, value: writeMarker(mark) }
}

function finalMark(
  { pv, names, createdAt }: RestoreRequest,
  {
    backend,
    namespace,
    pool,
    readOnly,
    from,
  }: Pick<Marker, 'backend' | 'namespace' | 'pool' | 'readOnly' | 'from'>,
): Marker {
  const mark = { pv, user: names.user, backend, namespace, pool, readOnly, createdAt }
  return { version: 1, ...mark, ...(from ? { from } : {}) }
}

function quotaSteps(path: string, current: bigint, wanted: bigint | undefined): Step[] {
  if (wanted === undefined && current === 0n)
    throw new CephflexError('EBADVOLUME', 'the data has no quota, and no size was given', {
      hint: 'set the size with --size',
    })
  if (wanted === undefined || isQuotaFor(current, wanted)) return []
  const quota = quotaFor(wanted)
  if (quota < current)
    throw new CephflexError('ESHRINK', `the data has ${current} bytes and cannot shrink to ${wanted}`)
  return [{ do: 'set attribute', path, name: QUOTA_XATTR, value: String(quota) }]
}
