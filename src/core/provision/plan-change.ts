import { QUOTA_XATTR } from '../ceph/xattrs.js'
import { CephflexError } from '../errors.js'
import { ownsUser, placeIn } from './caps/owns-user.js'
import { settingsSteps } from './kept-settings.js'
import { intentXattr, MARKER_XATTR, type Marker, writeMarker } from './marker.js'
import { archiveName, reservedPath, type VolumeNames } from './names.js'
import { fateOf, refuseInner, refuseSnapshots } from './obstacles.js'
import { oldCapsProblem } from './old-volume.js'
import { type Plan, subvolumeOf } from './plan-create.js'
import { purgeTrash, removeMeta, removeRecord } from './plan-purge.js'
import { isArchive } from './proof.js'
import { isQuotaFor, quotaFor } from './quantity.js'
import type { Step } from './steps.js'
import { tenantAt } from './tenant.js'
import type { ClusterInfo, OnDelete, VolumeFacts } from './volume.js'

const NOTHING: Plan = { steps: [], again: false }

/** `names` are derived from `pv`, or recorded when the volume was created. `now` is ISO 8601, for the name of an archive. */
type Deletion = { pv: string; names: VolumeNames; onDelete: OnDelete; now: string }

/**
 * The steps that delete a volume. None if it is already deleted, or another volume now has its path.
 *
 * First the user is deleted, then the data is moved away in one step, and only then deleted: a pod that still has the
 * volume mounted loses it at once. The user of a tenant stays; its data is moved out of what that has caps for.
 *
 * @throws CephflexError ENOTOURS if this program did not create the directory or the user; ESNAPSHOTS; EBADVOLUME.
 */
export function planDeleteVolume(deletion: Deletion, facts: VolumeFacts): Plan {
  const { cluster, volume, intended } = facts
  const { share } = deletion.names
  const tenant = tenantAt(share)
  if (tenant && deletion.onDelete === 'retain')
    throw new CephflexError(
      'EBADVOLUME',
      `${deletion.pv} cannot be kept in place: client.${tenant.user} would still have access to its data`,
      { hint: 'keep the data with onDelete "archive" instead' },
    )
  refuseInner(facts)
  refuseSnapshots(facts)
  const trash = purgeTrash(share, facts)
  if (volume.kind === 'missing')
    return {
      steps: [...(tenant ? [] : removeUser(deletion.names, facts)), ...trash, ...leftovers(deletion, facts)],
      again: false,
    }
  const marker = volume.kind === 'ours' ? volume.marker : intended
  if (marker === undefined)
    throw new CephflexError(
      'ENOTOURS',
      `${cluster.claimRoot}/${share} is not marked as a volume, so it was not removed`,
    )
  // another volume has the path now, or its user
  if (marker.pv !== deletion.pv || isArchive(marker, share)) return { steps: trash, again: false }
  if (tenant) return { steps: [...trash, ...tenantSteps(deletion, marker, facts)], again: false }
  const user = removeUser({ user: marker.user, share, namespace: marker.namespace }, facts)
  const fate = fateOf(marker, deletion.onDelete, facts)
  const data = dataSteps({ ...deletion, onDelete: fate }, marker, cluster)
  return { steps: [...user, ...trash, ...data, ...leftovers(deletion, facts)], again: false }
}

/**
 * The steps for a volume of a tenant. That it is kept is recorded where no pod can write: a mark that says so counts for
 * nothing, as the user is not deleted.
 */
function tenantSteps(deletion: Deletion, marker: Marker, facts: VolumeFacts): Step[] {
  const { onDelete } = deletion
  const data = dataSteps(deletion, marker, facts.cluster)
  if (onDelete === 'delete') return [...data, ...leftovers(deletion, facts)]
  const record = settingsSteps(deletion.names.share, facts.onDelete, onDelete)
  return [...record, ...data, ...leftovers(deletion, { ...facts, onDelete })]
}

/**
 * The steps that expand a volume. None if it already has this size.
 *
 * @throws CephflexError ENOVOLUME if it does not exist; ESHRINK if it is larger; ENOTOURS if it is not the volume `pv`.
 */
export function planExpandVolume(
  pv: string,
  share: string,
  sizeBytes: bigint,
  { volume, cluster }: VolumeFacts,
): Plan {
  const path = `${cluster.claimRoot}/${share}`
  if (volume.kind === 'missing') throw new CephflexError('ENOVOLUME', `there is no volume ${pv} (${path})`)
  if (volume.kind === 'foreign' || volume.marker.pv !== pv)
    throw new CephflexError('ENOTOURS', `${path} is not marked as the volume ${pv}, so it was not changed`)
  if (isQuotaFor(volume.sizeBytes, sizeBytes)) return NOTHING
  const quota = quotaFor(sizeBytes)
  if (quota < volume.sizeBytes)
    throw new CephflexError(
      'ESHRINK',
      `${pv} has ${volume.sizeBytes} bytes and cannot shrink to ${sizeBytes}`,
    )
  const steps: Step[] =
    cluster.backend === 'subvolume'
      ? [
          {
            do: 'mgr',
            command: {
              prefix: 'fs subvolume resize',
              ...subvolumeOf(cluster, share),
              new_size: String(quota),
              no_shrink: true,
            },
          },
        ]
      : [{ do: 'set attribute', path: share, name: QUOTA_XATTR, value: String(quota) }]
  return { steps, again: false }
}

/** What an unfinished creation left, and the settings, which every try needs. */
function leftovers(
  { pv, names: { share } }: Deletion,
  { intended, staging, cluster, onDelete }: VolumeFacts,
): Step[] {
  return [
    ...settingsSteps(share, onDelete),
    ...(intended?.pv === pv ? [{ do: 'remove attribute', path: '', name: intentXattr(share) } as const] : []),
    ...(staging.kind === 'missing' || cluster.backend === 'subvolume'
      ? []
      : [{ do: 'remove directory', path: reservedPath('new', share) } as const]),
  ]
}

/** Only deletes a user with exactly the caps that this program, or the old provisioner, gives it for this directory. */
function removeUser(
  { user: name, share, namespace }: VolumeNames,
  { user, cluster, volume }: VolumeFacts,
): Step[] {
  if (user.kind === 'missing') return []
  const path = `${cluster.claimRoot}/${share}`
  const imported = volume.kind === 'ours' && volume.marker.imported ? volume.marker : undefined
  if (
    (imported && oldCapsProblem(user.caps, { ...imported, path }) === undefined) ||
    ownsUser(user.caps, path, namespace, cluster)
  )
    return [{ do: 'remove user', user: name }]
  const elsewhere = volume.kind === 'missing' ? placeIn(user.caps) : undefined
  if (elsewhere?.path.includes(`/${share}`))
    throw new CephflexError(
      'ENOTOURS',
      `nothing was removed: the volume of client.${name} is not ${path} in the file system ${cluster.fsName}, but ${elsewhere.path}${elsewhere.fsName === undefined ? '' : ` in ${elsewhere.fsName}`}`,
      { hint: 'delete it with claimRoot and fsName set to where it is' },
    )
  throw new CephflexError(
    'ENOTOURS',
    `client.${name} has different caps than this volume needs, so it was not removed`,
    {
      hint: `inspect it with "cephflex volume lint ${name}"; if it is no longer needed, run "ceph auth rm client.${name}"`,
    },
  )
}

function dataSteps(
  { names: { share }, onDelete, now }: Deletion,
  marker: Marker,
  cluster: ClusterInfo,
): Step[] {
  return onDelete === 'delete'
    ? deleteData(share, marker, cluster)
    : keepData(share, marker, onDelete, cluster, now)
}

function deleteData(share: string, marker: Marker, cluster: ClusterInfo): Step[] {
  if (cluster.backend === 'subvolume')
    return [
      { do: 'mgr', command: { prefix: 'fs subvolume rm', ...subvolumeOf(cluster, share) }, mayBeGone: true },
    ]
  const trash = reservedPath('trash', share)
  return [
    ...removeMeta(share, marker),
    { do: 'rename', from: share, to: trash },
    { do: 'purge', path: trash },
  ]
}

/**
 * Marks data as kept. Archived data is renamed, so that the name is free. None if all of this was done.
 */
function keepData(
  share: string,
  marker: Marker,
  onDelete: 'archive' | 'retain',
  cluster: ClusterInfo,
  now: string,
): Step[] {
  const value = writeMarker({ ...marker, kept: onDelete, to: undefined })
  const kept: Step[] =
    marker.kept === onDelete ? [] : [{ do: 'set attribute', path: share, name: MARKER_XATTR, value }]
  if (onDelete === 'retain') return kept
  const parts = share.split('/').slice(tenantAt(share) ? 1 : 0)
  const record = cluster.backend === 'subvolume' ? [removeRecord(share)] : []
  const to = [...parts.slice(0, -1), archiveName(parts.at(-1) ?? '', now)].join('/')
  return [...kept, ...record, { do: 'rename', from: share, to }]
}
