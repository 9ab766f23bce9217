import { createHash } from 'node:crypto'
import { CephflexError } from '../errors.js'
import { USER_NAME } from '../text/names.js'
import { printable } from '../text/printable.js'
import { uuidOfHash } from '../text/uuid.js'
import { type Tenant, tenantAt } from './tenant.js'

/** A claim, for names that are derived from it. */
export type ClaimRef = { namespace: string; name: string }

/** The two ways to create a volume. */
export type Backend = 'subvolume' | 'directory'

export type VolumeNames = {
  /** Path of the volume below claimRoot, without a leading `/`. */
  share: string
  /** Ceph user without `client.`. */
  user: string
  /** RADOS namespace of its data. */
  namespace: string
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** As Kubernetes checks it: only the whole name has a maximum length. */
const DNS_SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
const MAX_NAME_LENGTH = 253
const RESERVED = '.cephflex_'
const DERIVED = 'kubernetes_dynamic_pvc_'
/** `DIRECTORY.VOLUME` of a tenant. The name of its directory has no ".". */
const OUTSIDE_TENANT = /^(kubernetes_dynamic_namespace_[0-9a-f_]{36})\.(.+)$/

/**
 * The names of everything that belongs to a volume. They are derived from the name of its PersistentVolume (or, with
 * `claim`, from the claim), so that nothing has to be stored between creating and deleting it.
 *
 * @throws CephflexError EBADVOLUME.
 */
export function volumeNames(pv: string, backend: Backend, claim?: ClaimRef): VolumeNames {
  checkVolumeName(pv)
  if (claim !== undefined) return claimNames(claim, backend)
  const uuid = underscored(uuidOf(pv))
  const share = `${DERIVED}${uuid}`
  return { share, user: `kubernetes_dynamic_user_${uuid}`, namespace: `fsvolumens_${share}` }
}

/** The names of a volume of a tenant: only its directory is its own. @throws CephflexError EBADVOLUME. */
export function tenantVolumeNames(pv: string, { directory, user, namespace }: Tenant): VolumeNames {
  return { share: `${directory}/${volumeNames(pv, 'directory').share}`, user, namespace }
}

/**
 * Checks that a text can be the name of a PersistentVolume, which is safe in a path, a shell and in caps.
 *
 * @throws CephflexError EBADVOLUME.
 */
export function checkVolumeName(pv: string): void {
  if (!isVolumeName(pv))
    throw new CephflexError(
      'EBADVOLUME',
      `the volume name ${printable(pv)} is not a valid Kubernetes name (letters a-z, digits, "-" and ".")`,
    )
}

/** Whether a text can be the name of a PersistentVolume. */
export function isVolumeName(pv: string): boolean {
  return pv.length <= MAX_NAME_LENGTH && DNS_SUBDOMAIN.test(pv)
}

/** Whether a directory name follows from the name of a PersistentVolume, so that it can only be that one's. */
export function isDerivedName(name: string): boolean {
  return name.startsWith(DERIVED)
}

/** Whether a provisioner of Kubernetes chose this name: `pvc-` and the uid of the claim. */
export function isClaimVolumeName(pv: string): boolean {
  return pv.startsWith('pvc-') && UUID.test(pv.slice(4))
}

/**
 * A path beside the volume that only this program uses, for creating and deleting it. For a volume of a
 * {@link Tenant}, it is beside the directory of the tenant, where the user of that has no access.
 */
export function reservedPath(purpose: 'new' | 'trash' | 'settings', share: string): string {
  if (tenantAt(share)) return `${RESERVED}${purpose}_${share.replace('/', '.')}`
  const parts = share.split('/')
  const last = parts.pop() ?? ''
  return [...parts, `${RESERVED}${purpose}_${last}`].join('/')
}

/** The directory name of archived data. @param now ISO 8601. */
export function archiveName(name: string, now: string): string {
  return `archived_${now.replace(/[-:]|\..*/g, '')}_${name}`
}

/** Whether a directory name is one of {@link archiveName}. */
export function isArchiveName(name: string): boolean {
  return /^archived_\d{8}T\d{6}_/.test(name)
}

/** The volume that a directory of {@link reservedPath} for trash belongs to; undefined if it is another directory. */
export function trashedName(name: string): string | undefined {
  if (reservedPurpose(name) !== 'trash') return undefined
  const [, directory = '', volume] = OUTSIDE_TENANT.exec(name.slice(`${RESERVED}trash_`.length)) ?? []
  return volume === undefined ? name.slice(`${RESERVED}trash_`.length) : `${directory}/${volume}`
}

/** The purpose of a directory name from {@link reservedPath}; undefined for any other name. */
export function reservedPurpose(name: string): 'new' | 'trash' | undefined {
  return (['new', 'trash'] as const).find(purpose => name.startsWith(`${RESERVED}${purpose}_`))
}

function claimNames({ namespace, name }: ClaimRef, backend: Backend): VolumeNames {
  if (!DNS_LABEL.test(namespace) || name.length > MAX_NAME_LENGTH || !DNS_SUBDOMAIN.test(name))
    throw new CephflexError(
      'EBADVOLUME',
      `the claim ${printable(`${namespace}/${name}`)} is not a valid NAMESPACE/NAME`,
    )
  // a namespace contains no ".", so the first one is always the separator
  const id = `${underscored(namespace)}.${underscored(name)}`
  const user = `k8s.${id}`
  if (!USER_NAME.test(user))
    throw new CephflexError(
      'EBADVOLUME',
      `the claim ${printable(`${namespace}/${name}`)} needs a user name of more than 128 characters`,
      {
        hint: 'set deterministicNames to "false" in the StorageClass',
      },
    )
  // subvolumes have one level only
  const share = backend === 'subvolume' ? id : id.replace('.', '/')
  return { share, user, namespace: `fsvolumens_${id}` }
}

/** Ceph 10.1 cannot parse a "-" in caps. Kubernetes names contain no "_", so different names stay different. */
function underscored(text: string): string {
  return text.replaceAll('-', '_')
}

/** The uid in the name, or one derived from the whole name; always the same for the same volume. */
function uuidOf(pv: string): string {
  if (isClaimVolumeName(pv)) return pv.slice(4)
  return uuidOfHash(createHash('sha256').update(`cephflex volume ${pv}`).digest('hex'))
}
