import type { DirectoryInfo } from '../../core/ceph/cephfs-operations.js'
import { ERRNO } from '../../core/ceph/errno.js'
import { parseQuota, QUOTA_XATTR } from '../../core/ceph/xattrs.js'
import { CephflexError } from '../../core/errors.js'
import { parseSettings, settingsPath } from '../../core/provision/kept-settings.js'
import { intentXattr, MARKER_XATTR, type Marker, parseMarker } from '../../core/provision/marker.js'
import { reservedPath, type VolumeNames } from '../../core/provision/names.js'
import { subvolumeOf } from '../../core/provision/plan-create.js'
import { believed } from '../../core/provision/proof.js'
import type { DirectoryState, VolumeFacts } from '../../core/provision/volume.js'
import { layoutOf, locationOf, quotaOf, VOLUME_ATTRIBUTES } from './attributes.js'
import { inheritedLayout } from './inherited-layout.js'
import type { Provisioner } from './provisioner.js'
import { readUserCaps } from './users.js'

/**
 * What exists in the cluster under the names of a volume. Changes nothing.
 *
 * `cluster.backend` is that of the volume if it exists: the cluster's default
 * may have changed since it was created.
 *
 * @throws CephflexError EPROVISION and what the sessions throw.
 */
export async function inspectVolume(provisioner: Provisioner, names: VolumeNames): Promise<VolumeFacts> {
  const { cluster } = provisioner
  const [{ volume: found, ...others }, caps] = await Promise.all([
    inspectDirectories(provisioner, names),
    readUserCaps(provisioner, names.user),
  ])
  const { claimRoot } = cluster
  const volume = directoryState(found, marker =>
    believed(marker, { names, claimRoot, caps, layout: layoutOf(found) }),
  )
  const backend = (volume.kind === 'ours' ? volume.marker : others.intended)?.backend ?? cluster.backend
  const facts: VolumeFacts = {
    ...others,
    volume,
    cluster: { ...cluster, backend },
    dataPath: `${claimRoot}/${names.share}`,
    layout: layoutOf(found),
    user: caps ? { kind: 'present', caps } : { kind: 'missing' },
  }
  if (backend !== 'subvolume' || facts.volume.kind === 'missing') return facts
  return volume.kind === 'ours' && volume.marker.kept
    ? withKept(provisioner, names, facts)
    : withSubvolume(provisioner, names, facts)
}

/** The same after all steps. Inspects only a directory that was created now: the monitor has confirmed the user. */
export async function inspectCreated(
  { files }: Provisioner,
  { share }: VolumeNames,
  facts: VolumeFacts,
): Promise<VolumeFacts> {
  if (facts.volume.kind === 'ours') return facts
  const [directory] = await files.look([share], VOLUME_ATTRIBUTES)
  return { ...facts, volume: directoryState(directory) }
}

/** Inspects a volume at once: its own, staging and trash directories, its settings, and the directories that contain it. */
async function inspectDirectories(provisioner: Provisioner, { share }: VolumeNames) {
  const { files, openRoot, cluster } = provisioner
  const intent = intentXattr(share)
  const parents = parentsOf(share)
  const own = [share, reservedPath('new', share), reservedPath('trash', share), settingsPath(share)]
  const directories = (await openRoot(false))
    ? await files.look([...own, ...parents], [...VOLUME_ATTRIBUTES, intent])
    : []
  const [volume, staging, trash, settings, ...above] = directories
  const [root] = above
  const isNew = root !== undefined && directoryState(volume).kind === 'missing'
  const outer = parents.find((_, i) => directoryState(above[i]).kind === 'ours')
  return {
    volume,
    staging: directoryState(staging),
    trash: directoryState(trash),
    intended: root && 'attributes' in root ? parseMarker(root.attributes[intent] ?? undefined) : undefined,
    hasRoot: root !== undefined,
    inherited: isNew ? await inheritedLayout(provisioner, above) : undefined,
    inside: outer === undefined ? undefined : `${cluster.claimRoot}/${outer}`.replace(/\/$/, ''),
    onDelete: parseSettings(settings?.kind === 'other' ? settings.target : undefined),
  }
}

/** claimRoot and the directories between it and a volume. */
export function parentsOf(share: string): string[] {
  const parts = share.split('/')
  return parts.map((_, i) => parts.slice(0, i).join('/'))
}

/** The manager does not know archived data, and would record it as a subvolume if it were asked. */
async function withKept(
  { files, cluster }: Provisioner,
  { share }: VolumeNames,
  facts: VolumeFacts,
): Promise<VolumeFacts> {
  const { volume } = facts
  if (volume.kind !== 'ours') return facts
  const { below, data } = await locationOf(files, volume.marker, share)
  const sizeBytes = data ? quotaOf(data) : volume.sizeBytes
  return {
    ...facts,
    volume: { ...volume, sizeBytes },
    layout: layoutOf(data),
    dataPath: `${cluster.claimRoot}/${below}`,
  }
}

async function withSubvolume(
  provisioner: Provisioner,
  { share }: VolumeNames,
  facts: VolumeFacts,
): Promise<VolumeFacts> {
  const dataPath = await subvolumePath(provisioner, share)
  const { claimRoot } = provisioner.cluster
  if (dataPath === undefined || !dataPath.startsWith(`${claimRoot}/`))
    return { ...facts, dataPath: undefined }
  const [data] = await provisioner.files.look([dataPath.slice(claimRoot.length + 1)], VOLUME_ATTRIBUTES)
  const sizeBytes = data?.kind === 'directory' ? parseQuota(data.attributes[QUOTA_XATTR]) : 0n
  const { volume: found } = facts
  const volume =
    found.kind === 'ours' ? { ...found, marker: { ...found.marker, ...layoutOf(data) }, sizeBytes } : found
  return { ...facts, volume, layout: layoutOf(data), dataPath }
}

/** The data directory of a subvolume: one level deeper, with the quota, under a name that the manager chose. */
async function subvolumePath({ rados, cluster }: Provisioner, share: string): Promise<string | undefined> {
  const { code, output, error } = await rados.ask('mgr', {
    prefix: 'fs subvolume getpath',
    ...subvolumeOf(cluster, share),
    format: 'plain',
  })
  if (code === 0) return String(output).trim()
  if (code === ERRNO.noEntry) return undefined
  throw new CephflexError(
    'EPROVISION',
    `the path of the subvolume ${share} could not be determined: ${error || `errno ${code}`}`,
  )
}

/** @param believe what of the marker is true; without it, all. */
export function directoryState(
  info: DirectoryInfo | undefined,
  believe = (marker: Marker): Marker => marker,
): DirectoryState {
  if (info === undefined || info.kind === 'missing') return { kind: 'missing' }
  if (!('attributes' in info)) return { kind: 'foreign' }
  const marker = parseMarker(info.attributes[MARKER_XATTR] ?? undefined)
  return marker === undefined
    ? { kind: 'foreign' }
    : { kind: 'ours', marker: believe(marker), sizeBytes: parseQuota(info.attributes[QUOTA_XATTR]) }
}
