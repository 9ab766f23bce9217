import { createHash } from 'node:crypto'
import { uuidOfHash } from '../text/uuid.js'
import type { ClusterInfo } from './volume.js'

/**
 * A Kubernetes namespace whose volumes have one directory above them and share one Ceph user (`userPer: namespace`). All
 * names follow from that of the directory, which no pod can change.
 */
export type Tenant = {
  /** The name of the directory below claimRoot. */
  directory: string
  /** The Ceph user of all its volumes, without `client.`. */
  user: string
  /** The RADOS namespace of their data. */
  namespace: string
}

/** Longer than the name of any Kubernetes namespace, so that no directory of deterministic names is one of these. */
const DIRECTORY = /^kubernetes_dynamic_namespace_([0-9a-f]{8}(?:_[0-9a-f]{4}){3}_[0-9a-f]{12})$/
const RADOS = 'fsvolumens_'

/**
 * The tenant for the volumes of a Kubernetes namespace. File systems, directories and data pools have users of their own,
 * as caps of one user would cover the others.
 *
 * @param id the uid of the Kubernetes namespace, so that a later one of the same name, or one of another Kubernetes
 *   cluster, has another user; or a name that a person chose.
 * @param pool the data pool that was asked for.
 */
export function tenantFor(
  id: string,
  { fsName, claimRoot }: Pick<ClusterInfo, 'fsName' | 'claimRoot'>,
  pool: string | undefined,
): Tenant {
  const hash = createHash('sha256').update(JSON.stringify([id, fsName, claimRoot, pool ?? null]))
  return tenantNamed(uuidOfHash(hash.digest('hex')).replaceAll('-', '_'))
}

/** The tenant of a volume, by its path below claimRoot; undefined if the volume has a user of its own. */
export function tenantAt(share: string): Tenant | undefined {
  const [directory = '', volume, more] = share.split('/')
  return volume === undefined || more !== undefined ? undefined : tenantIn(directory)
}

/** The tenant whose directory has this name. */
export function tenantIn(directory: string): Tenant | undefined {
  const [, id] = DIRECTORY.exec(directory) ?? []
  return id === undefined ? undefined : tenantNamed(id)
}

/** The tenant whose data has this RADOS namespace. */
export function tenantWith(namespace: string | undefined): Tenant | undefined {
  return namespace?.startsWith(RADOS) ? tenantIn(namespace.slice(RADOS.length)) : undefined
}

/** The directory that the user of a volume has caps for: that of its tenant, or that of the volume. */
export function grantedPath(path: string, { claimRoot }: Pick<ClusterInfo, 'claimRoot'>): string {
  const tenant = path.startsWith(`${claimRoot}/`) ? tenantAt(path.slice(claimRoot.length + 1)) : undefined
  return tenant === undefined ? path : `${claimRoot}/${tenant.directory}`
}

/** The tenant that a path in a file system is in or at, with the path of its directory, wherever claimRoot is. */
export function tenantOfPath(path: string): (Tenant & { path: string }) | undefined {
  const parts = path.split('/')
  const index = parts.findIndex(part => tenantIn(part) !== undefined)
  const tenant = tenantIn(parts[index] ?? '')
  return tenant && { ...tenant, path: parts.slice(0, index + 1).join('/') }
}

function tenantNamed(id: string): Tenant {
  const directory = `kubernetes_dynamic_namespace_${id}`
  return { directory, user: `kubernetes_dynamic_user_ns_${id}`, namespace: `${RADOS}${directory}` }
}
