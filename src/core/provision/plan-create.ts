import { NAMESPACE_XATTR, POOL_XATTR, QUOTA_XATTR } from '../ceph/xattrs.js'
import { CephflexError } from '../errors.js'
import { printable } from '../text/printable.js'
import { areOurCaps, buildCaps } from './caps/caps.js'
import { checkOwner, checkSame } from './check-owner.js'
import { settingsSteps } from './kept-settings.js'
import { intentXattr, MARKER_XATTR, type Marker, writeMarker } from './marker.js'
import { reservedPath } from './names.js'
import { quotaFor } from './quantity.js'
import type { Step } from './steps.js'
import { grantedPath, tenantAt } from './tenant.js'
import type { ClusterInfo, VolumeFacts, VolumeRequest } from './volume.js'

/** What to do next. `again`: collect the facts and plan again afterwards, because the rest depends on these steps. */
export type Plan = { steps: Step[]; again: boolean }

/**
 * The steps that create a volume. None if it already exists. A call that was killed in between is continued in the same
 * way: collect the facts, plan, and run the steps, until no step is left.
 *
 * @param createdAt ISO 8601, for the marker.
 * @throws CephflexError ENOTOURS if the directory or user exists and does not belong to this volume; EBADVOLUME.
 */
export function planCreateVolume(request: VolumeRequest, facts: VolumeFacts, createdAt: string): Plan {
  checkOwner(request, facts)
  const { cluster, volume, intended } = facts
  if (volume.kind === 'ours') {
    checkSame(request, volume)
    const left: Step[] = intended
      ? [{ do: 'remove attribute', path: '', name: intentXattr(request.names.share) }]
      : []
    const settings = settingsSteps(request.names.share, facts.onDelete, request.onDelete)
    return { steps: [...settings, ...left, ...userSteps(request, facts, volume.marker)], again: false }
  }
  const marker = markerOf(request, cluster, poolOf(request, facts), createdAt)
  // checks that the caps are possible before anything is created
  const dataPath = `${cluster.claimRoot}/${request.names.share}`
  const known = tenantAt(request.names.share) ? facts.user : ({ kind: 'missing' } as const)
  const user = userSteps(request, { ...facts, user: known, dataPath }, marker)
  // the layout that it inherits is known when it exists
  if (!facts.hasRoot) return { steps: [rootStep(cluster)], again: true }
  if (cluster.backend === 'subvolume') return { steps: subvolumeSteps(request, facts, marker), again: true }
  return { steps: [...directorySteps(request, facts, marker), ...user], again: false }
}

/** The arguments that name a subvolume in a command for the manager. */
export function subvolumeOf(cluster: ClusterInfo, share: string) {
  return {
    vol_name: cluster.fsName,
    sub_name: share,
    group_name: groupOf(cluster),
  }
}

/**
 * The user of a volume, with caps for its data; of a tenant, with caps for its directory. Restored data still has the
 * namespace of its former volume.
 */
export function userSteps(
  request: Pick<VolumeRequest, 'names' | 'readOnly'>,
  { cluster, user, dataPath = '', layout }: Pick<VolumeFacts, 'cluster' | 'user' | 'dataPath' | 'layout'>,
  { pool }: Pick<Marker, 'pool'>,
): Step[] {
  const { namespace } = layout ?? request.names
  const path = grantedPath(dataPath, cluster)
  const readOnly = request.readOnly && path === dataPath
  const capsFor = { path, pool, namespace, readOnly, fsName: cluster.fsName }
  if (user.kind === 'missing') {
    const { fsName, ...without } = capsFor
    const caps = buildCaps(cluster.knowsFsName ? { ...without, fsName } : without)
    return [{ do: 'add user', user: request.names.user, caps }]
  }
  if (areOurCaps(user.caps, capsFor)) return []
  throw new CephflexError(
    'ENOTOURS',
    `client.${request.names.user} already exists with different caps than this volume needs`,
    {
      hint: `inspect it with "cephflex volume lint ${request.names.user}"; this program never changes the caps of an existing user`,
    },
  )
}

function markerOf(request: VolumeRequest, { backend }: ClusterInfo, pool: string, createdAt: string): Marker {
  return {
    version: 1,
    pv: request.pv,
    user: request.names.user,
    backend,
    namespace: request.names.namespace,
    pool,
    readOnly: request.readOnly,
    createdAt,
  }
}

function poolOf({ pool, names }: VolumeRequest, { cluster, inherited, user }: VolumeFacts): string {
  const { dataPools, fsName, claimRoot } = cluster
  const [first = ''] = dataPools
  const tenant = tenantAt(names.share)
  if (tenant && user.kind === 'present') {
    // the default may have changed since the first volume of the tenant was created
    const place = { path: `${claimRoot}/${tenant.directory}`, namespace: tenant.namespace, fsName }
    const known = dataPools.find(each => areOurCaps(user.caps, { ...place, pool: each }))
    if (known !== undefined) return known
  }
  if (pool === undefined) return inherited?.pool ?? first
  if (dataPools.includes(pool)) return pool
  throw new CephflexError(
    'EBADVOLUME',
    `${printable(pool)} is not a data pool of the file system ${fsName} (it has ${dataPools.join(', ')})`,
    { hint: `add it with "ceph fs add_data_pool ${fsName} POOL", or choose another pool` },
  )
}

/** Creates claimRoot, which is the group of the subvolumes. */
function rootStep(cluster: ClusterInfo): Step {
  if (cluster.backend === 'directory') return { do: 'make parents', path: '' }
  const group = { vol_name: cluster.fsName, group_name: groupOf(cluster) }
  return { do: 'mgr', command: { prefix: 'fs subvolumegroup create', ...group } }
}

/** The manager creates a subvolume, but cannot mark it. So the intent is recorded before, and the marker set after. */
function subvolumeSteps(request: VolumeRequest, facts: VolumeFacts, marker: Marker): Step[] {
  const { share } = request.names
  const { cluster } = facts
  const name = intentXattr(share)
  const command = {
    prefix: 'fs subvolume create',
    ...subvolumeOf(cluster, share),
    // a text: as a number of JSON it would lose digits
    size: String(quotaFor(request.sizeBytes)),
    mode: request.mode.toString(8),
    pool_layout: marker.pool,
    namespace_isolated: true,
  }
  const isThere = facts.volume.kind !== 'missing'
  return [
    ...settingsSteps(share, facts.onDelete, request.onDelete),
    ...(facts.intended ? [] : [{ do: 'set attribute', path: '', name, value: writeMarker(marker) } as const]),
    ...(isThere ? [] : [{ do: 'mgr', command } as const]),
    { do: 'set attribute', path: share, name: MARKER_XATTR, value: writeMarker(marker) },
    { do: 'remove attribute', path: '', name },
  ]
}

/** A directory is completed under another name, so it never exists half-finished under its own. */
function directorySteps(
  request: VolumeRequest,
  { staging, onDelete }: Pick<VolumeFacts, 'staging' | 'onDelete'>,
  marker: Marker,
): Step[] {
  const { share, namespace } = request.names
  const path = reservedPath('new', share)
  const set = (name: string, value: string): Step => ({ do: 'set attribute', path, name, value })
  return [
    { do: 'make parents', path: share.split('/').slice(0, -1).join('/') },
    ...settingsSteps(share, onDelete, request.onDelete),
    // from a killed call: only this program can have written to it
    ...(staging.kind === 'missing' ? [] : [{ do: 'remove directory', path } as const]),
    { do: 'make directory', path, mode: 0o700 },
    set(MARKER_XATTR, writeMarker(marker)),
    set(POOL_XATTR, marker.pool),
    set(NAMESPACE_XATTR, namespace),
    set(QUOTA_XATTR, String(quotaFor(request.sizeBytes))),
    { do: 'set mode', path, mode: request.mode },
    { do: 'rename', from: path, to: share },
  ]
}

/** The subvolume group that claimRoot is. */
export function groupOf({ claimRoot }: ClusterInfo): string {
  return claimRoot.split('/').at(-1) ?? ''
}
