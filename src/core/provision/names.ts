import { createHash } from 'node:crypto'
import { CephflexError } from '../errors.js'
import { USER_NAME } from '../text/names.js'
import { printable } from '../text/printable.js'
import { uuidOfHash } from '../text/uuid.js'

/** A claim, for names that follow from it. */
export type ClaimRef = { namespace: string; name: string }

/** Which of the two ways a volume is made. */
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
/** As Kubernetes checks it: only the whole is limited in length. */
const DNS_SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
const LONGEST_NAME = 253
const RESERVED = '.cephflex_'

/**
 * The names of everything that belongs to a volume. They follow from the
 * name of its PersistentVolume (or, with `claim`, from the claim), so that
 * nothing has to be remembered between creating and deleting it.
 *
 * @throws CephflexError EBADVOLUME.
 */
export function volumeNames(pv: string, backend: Backend, claim?: ClaimRef): VolumeNames {
  checkVolumeName(pv)
  if (claim !== undefined) return claimNames(claim, backend)
  const uuid = underscored(uuidOf(pv))
  const share = `kubernetes_dynamic_pvc_${uuid}`
  return { share, user: `kubernetes_dynamic_user_${uuid}`, namespace: `fsvolumens_${share}` }
}

/**
 * Proves that a text can be the name of a PersistentVolume: nothing that a
 * path, a shell or a cap could stumble over.
 *
 * @throws CephflexError EBADVOLUME.
 */
export function checkVolumeName(pv: string): void {
  if (pv.length > LONGEST_NAME || !DNS_SUBDOMAIN.test(pv))
    throw new CephflexError(
      'EBADVOLUME',
      `the volume name ${printable(pv)} is not a valid Kubernetes name (letters a-z, digits, "-" and ".")`,
    )
}

/** Whether a provisioner of Kubernetes has made this name: `pvc-` and the uid of the claim. */
export function isClaimVolumeName(pv: string): boolean {
  return pv.startsWith('pvc-') && UUID.test(pv.slice(4))
}

/** A name beside a volume that only this program uses: while it is made, or while it is taken away. */
export function reservedPath(purpose: 'new' | 'trash', share: string): string {
  const parts = share.split('/')
  const last = parts.pop() ?? ''
  return [...parts, `${RESERVED}${purpose}_${last}`].join('/')
}

/** The volume that a directory below trash belongs to; undefined if it is no such directory. */
export function trashedName(name: string): string | undefined {
  return reservedPurpose(name) === 'trash' ? name.slice(`${RESERVED}trash_`.length) : undefined
}

/** Whether a directory name is one of {@link reservedPath}, and for what. */
export function reservedPurpose(name: string): 'new' | 'trash' | undefined {
  return (['new', 'trash'] as const).find(purpose => name.startsWith(`${RESERVED}${purpose}_`))
}

function claimNames({ namespace, name }: ClaimRef, backend: Backend): VolumeNames {
  if (!DNS_LABEL.test(namespace) || name.length > LONGEST_NAME || !DNS_SUBDOMAIN.test(name))
    throw new CephflexError(
      'EBADVOLUME',
      `the claim ${printable(`${namespace}/${name}`)} is not a valid NAMESPACE/NAME`,
    )
  // a namespace holds no ".", so the first one always divides
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

/** Ceph 10.1 could not read a "-" in caps; in a Kubernetes name there is never a "_", so nothing collides. */
function underscored(text: string): string {
  return text.replaceAll('-', '_')
}

/** The uid in the name, or one made of the whole name: the same for the same volume, always. */
function uuidOf(pv: string): string {
  if (isClaimVolumeName(pv)) return pv.slice(4)
  return uuidOfHash(createHash('sha256').update(`cephflex volume ${pv}`).digest('hex'))
}
