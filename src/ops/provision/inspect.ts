import type { DirectoryInfo } from '../../core/ceph/cephfs-operations.js'
import { ERRNO } from '../../core/ceph/errno.js'
import { parseQuota, QUOTA_XATTR } from '../../core/ceph/xattrs.js'
import { CephflexError } from '../../core/errors.js'
import type { Caps } from '../../core/provision/caps/caps.js'
import { intentXattr, MARKER_XATTR, parseMarker } from '../../core/provision/marker.js'
import { reservedPath, type VolumeNames } from '../../core/provision/names.js'
import { subvolumeOf } from '../../core/provision/plan-create.js'
import type { DirectoryState, VolumeFacts } from '../../core/provision/volume.js'
import { Secret } from '../../core/secret.js'
import { locationOf } from './list.js'
import type { Provisioner } from './provisioner.js'

/** The key of a user that exists. @throws CephflexError ENOVOLUME. */
export async function readUserKey(provisioner: Provisioner, user: string): Promise<Secret> {
  const key = (await findUser(provisioner, user))?.key
  if (key === undefined) throw new CephflexError('ENOVOLUME', `there is no user client.${user}`)
  return new Secret(key)
}

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
  const [directories, expectedCaps] = await Promise.all([
    inspectDirectories(provisioner, names),
    readUserCaps(provisioner, names.user),
  ])
  const marker = directories.volume.kind === 'ours' ? directories.volume.marker : directories.intended
  const backend = marker?.backend ?? cluster.backend
  const user = marker?.user ?? names.user
  const caps = user === names.user ? expectedCaps : await readUserCaps(provisioner, user)
  const facts: VolumeFacts = {
    ...directories,
    cluster: { ...cluster, backend },
    dataPath: `${cluster.claimRoot}/${names.share}`,
    user: caps ? { kind: 'present', caps } : { kind: 'missing' },
  }
  if (backend !== 'subvolume' || facts.volume.kind === 'missing') return facts
  return marker?.kept ? withKept(provisioner, names, facts) : withSubvolume(provisioner, names, facts)
}

/** The same after all steps. Inspects only a directory that was created now: the monitor has confirmed the user. */
export async function inspectCreated(
  { files }: Provisioner,
  { share }: VolumeNames,
  facts: VolumeFacts,
): Promise<VolumeFacts> {
  if (facts.volume.kind === 'ours') return facts
  const [directory] = await files.look([share], [MARKER_XATTR, QUOTA_XATTR])
  return { ...facts, volume: directoryState(directory) }
}

/** The caps of a user; undefined if there is none. @throws CephflexError EPROVISION. */
export async function readUserCaps(provisioner: Provisioner, user: string): Promise<Caps | undefined> {
  return (await findUser(provisioner, user))?.caps
}

/** Inspects the four directories of a volume at once: itself, its staging and trash directories, and claimRoot. */
async function inspectDirectories({ files, openRoot }: Provisioner, { share }: VolumeNames) {
  const intent = intentXattr(share)
  const paths = [share, reservedPath('new', share), reservedPath('trash', share), '']
  const directories = (await openRoot(false))
    ? await files.look(paths, [MARKER_XATTR, QUOTA_XATTR, intent])
    : []
  const root = directories[3]
  return {
    volume: directoryState(directories[0]),
    staging: directoryState(directories[1]),
    trash: directoryState(directories[2]),
    intended: root && 'attributes' in root ? parseMarker(root.attributes[intent] ?? undefined) : undefined,
    hasRoot: root !== undefined,
  }
}

/** The manager does not know archived data, and would record it as a subvolume if it were asked. */
async function withKept(
  { files, cluster }: Provisioner,
  { share }: VolumeNames,
  facts: VolumeFacts,
): Promise<VolumeFacts> {
  const { volume } = facts
  if (volume.kind !== 'ours') return facts
  const { below, sizeBytes } = await locationOf({ files }, volume.marker, share, volume.sizeBytes)
  return { ...facts, volume: { ...volume, sizeBytes }, dataPath: `${cluster.claimRoot}/${below}` }
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
  const [data] = await provisioner.files.look([dataPath.slice(claimRoot.length + 1)], [QUOTA_XATTR])
  const sizeBytes = data?.kind === 'directory' ? parseQuota(data.attributes[QUOTA_XATTR]) : 0n
  const volume = facts.volume.kind === 'ours' ? { ...facts.volume, sizeBytes } : facts.volume
  return { ...facts, volume, dataPath }
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

function directoryState(info: DirectoryInfo | undefined): DirectoryState {
  if (info === undefined || info.kind === 'missing') return { kind: 'missing' }
  if (!('attributes' in info)) return { kind: 'foreign' }
  const marker = parseMarker(info.attributes[MARKER_XATTR] ?? undefined)
  return marker === undefined
    ? { kind: 'foreign' }
    : { kind: 'ours', marker, sizeBytes: parseQuota(info.attributes[QUOTA_XATTR]) }
}

type AuthEntry = { key?: string; caps?: Caps }

async function findUser({ rados }: Provisioner, user: string): Promise<AuthEntry | undefined> {
  const { code, output, error } = await rados.ask('mon', { prefix: 'auth get', entity: `client.${user}` })
  if (code === ERRNO.noEntry) return undefined
  if (code === 0) return (output as AuthEntry[])[0]
  throw new CephflexError('EPROVISION', `client.${user} could not be looked up: ${error || `errno ${code}`}`)
}
