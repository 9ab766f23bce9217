import type { Layout } from '../ceph/xattrs.js'
import { isBelow } from '../text/paths.js'
import type { Caps } from './caps/caps.js'
import { parseMdsCaps } from './caps/mds-grammar.js'
import type { Marker } from './marker.js'
import { isArchiveName, isDerivedName, type VolumeNames, volumeNames } from './names.js'
import { directoryProblem, oldCapsProblem } from './old-volume.js'
import { grantedPath, tenantAt } from './tenant.js'
import type { ClusterInfo } from './volume.js'

/** A directory, and the user that may be the one of its volume. */
type Claimed = { user: string; path: string }

type ProofCluster = Pick<ClusterInfo, 'fsName' | 'dataPools' | 'claimRoot'>

/**
 * A marker with only what something proves that no pod can write: the names follow from the place or are checked by
 * {@link userProblem}, backend and access follow from the caps of the user, and the layout is that of the directory.
 *
 * The user of a tenant may write in each of its volumes, so the access of one is only what the marker says.
 *
 * @param layout undefined if the directory has none of its own.
 */
export function believed(
  marker: Marker,
  {
    names,
    claimRoot,
    caps,
    layout,
  }: {
    names: Pick<VolumeNames, 'user' | 'share'>
    claimRoot: string
    caps: Caps | undefined
    layout: Layout | undefined
  },
): Marker {
  const directory = `${claimRoot}/${names.share}`
  const tenant = tenantAt(names.share)
  if (tenant) return { ...marker, ...layout, user: tenant.user, backend: 'directory' }
  const { path = '', spec } = grantOf(caps) ?? {}
  const isInside = isBelow(path, directory)
  const backend = path === directory ? 'directory' : isInside ? 'subvolume' : marker.backend
  const readOnly = path === directory || isInside ? spec === 'r' : marker.readOnly
  return { ...marker, ...layout, user: names.user, backend, readOnly }
}

/**
 * Why the caps of a user do not prove that it is the user of the volume in this directory, as the end of a sentence;
 * undefined if they do. They must name exactly this directory and its data, and nothing else: then the key gives no
 * more than this volume; or, for a volume of a tenant, exactly that of the tenant.
 *
 * @param caps undefined if the user does not exist.
 */
export function userProblem(
  { user, path, pool, namespace }: Claimed & Layout,
  caps: Caps | undefined,
  cluster: ProofCluster,
): string | undefined {
  if (caps === undefined) return `client.${user} does not exist`
  const stranger = strangerProblem({ user, path }, cluster)
  if (stranger !== undefined) return stranger
  const { fsName, dataPools } = cluster
  const pools = pool === '' ? dataPools : [pool]
  const problems = pools.map(each =>
    oldCapsProblem(caps, { path: grantedPath(path, cluster), pool: each, namespace, fsName }, isNotAdmin),
  )
  if (problems.includes(undefined)) return undefined
  return notDedicated(user, path, problems[0] ?? 'the file system has no data pool')
}

/**
 * The same for a directory whose layout is not known, as for a PersistentVolume that a person wrote: the data may be all
 * of a data pool or of the file system, but no more.
 */
export function directoryUserProblem(
  { user, path }: Claimed,
  caps: Caps | undefined,
  cluster: ProofCluster,
): string | undefined {
  if (caps === undefined) return `client.${user} does not exist`
  const { fsName, dataPools } = cluster
  const osd = caps['osd'] ?? ''
  const [, pool, tagged] =
    /^allow rw?x? (?:pool=(\S+)(?: namespace=\S+)?|tag cephfs data=(\S+))$/.exec(osd) ?? []
  const isLimited = tagged === fsName || (pool !== undefined && dataPools.includes(pool))
  const problem =
    strangerProblem({ user, path }, cluster) ??
    directoryProblem(caps, { path: grantedPath(path, cluster), fsName }, isNotAdmin) ??
    (isLimited ? undefined : `its osd caps "${osd}" are not limited to the data of the file system`)
  return problem && notDedicated(user, path, problem)
}

/** In the directory of a tenant, only the user of the tenant can be that of a volume. */
function strangerProblem({ user, path }: Claimed, { claimRoot }: ProofCluster): string | undefined {
  const expected = tenantAt(path.slice(claimRoot.length + 1))?.user ?? user
  return user === expected ? undefined : `its user must be client.${expected}, not client.${user}`
}

function isNotAdmin(spec: string): boolean {
  return spec !== '*'
}

function notDedicated(user: string, path: string, problem: string): string {
  return `client.${user} is not dedicated to ${path}: ${problem}`
}

/**
 * Whether a directory is the archive of a deleted volume. No pod can make one: its volume has another name, which is not
 * in the volume. The user was deleted; one of that name is that of a later volume.
 */
export function isArchive({ kept }: Pick<Marker, 'kept'>, share: string): boolean {
  return kept !== undefined && isArchiveName(share.split('/').at(-1) ?? '')
}

/** Why a directory below claimRoot cannot be the volume `pv`, as the end of a sentence. */
export function placeProblem(share: string, pv: string): string | undefined {
  const tenant = tenantAt(share)
  const name = tenant ? share.slice(tenant.directory.length + 1) : share
  const isOthers = (tenant || isDerivedName(name)) && name !== volumeNames(pv, 'directory').share
  return isOthers ? 'its path is that of a volume with another name' : undefined
}

/** The grant for one directory; the old provisioner also gave one to read everything. */
function grantOf(caps: Caps | undefined) {
  const reading = parseMdsCaps(caps?.['mds'] ?? '', 'today')
  return 'grants' in reading ? reading.grants.find(({ path }) => path !== undefined) : undefined
}
