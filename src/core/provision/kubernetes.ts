import { LABELS } from '../kubernetes/annotations.js'
import type { Secret } from '../secret.js'
import { shortHash } from '../text/short-hash.js'
import { isVolumeName } from './names.js'
import { formatQuantity } from './quantity.js'
import type { Volume } from './volume.js'

/** The driver that mounts these volumes; the kubelet finds it as `cephflex~cephfs`. */
export const DRIVER = 'cephflex/cephfs'

/** The characters of a user in the name of its Secret, if that also contains a hash. */
const MAX_READABLE = 100

export type MountOptions = {
  monitors: string
  mounter?: string | undefined
  mountOptions?: string | undefined
}

type Metadata = {
  name: string
  namespace?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

/** The Secret of a volume, with the key as the kubelet passes it to the driver. Its type must be the driver's name. */
export function secretManifest({ user }: Pick<Volume, 'user'>, key: Secret, namespace: string) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName(user), namespace, labels: LABELS } satisfies Metadata,
    type: DRIVER,
    data: { key: Buffer.from(key.reveal()).toString('base64') },
  }
}

/** The PersistentVolume of a volume, ready for this driver. */
export function volumeManifest(volume: Volume, options: MountOptions, secretNamespace: string) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volume.pv, labels: LABELS, annotations: {} } satisfies Metadata as Metadata,
    spec: {
      capacity: { storage: formatQuantity(volume.sizeBytes) },
      accessModes: [volume.readOnly ? 'ReadOnlyMany' : 'ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      flexVolume: {
        driver: DRIVER,
        readOnly: volume.readOnly,
        secretRef: { name: secretName(volume.user), namespace: secretNamespace },
        options: flexOptions(volume, options),
      },
    },
  }
}

/**
 * The name of the Secret of a volume's user. A Ceph user may contain characters that a Kubernetes name may not: then the
 * name ends in a hash of the user, so that different users never have the same Secret.
 *
 * @param prefix before the name.
 */
export function secretName(user: string, prefix = ''): string {
  const name = `${prefix}ceph-${user.replaceAll('_', '-')}-secret`
  // "_" becomes "-", so a user with "-" could have the name of another one
  if (!user.includes('-') && isVolumeName(name)) return name
  const readable = user
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_READABLE)
  return `${prefix}ceph-${readable}-${shortHash(user)}-secret`.replace(/--+/g, '-')
}

/** Objects as one YAML text, for `kubectl apply -f -`. */
export function toYaml(objects: readonly object[]): string {
  return objects.map(object => yamlLines(object, '').join('\n')).join('\n---\n')
}

function flexOptions(
  volume: Volume,
  { monitors, mounter, mountOptions }: MountOptions,
): Record<string, string> {
  return {
    monitors,
    path: volume.path,
    user: volume.user,
    fsName: volume.fsName,
    ...(mounter === undefined ? {} : { mounter }),
    ...(mountOptions === undefined ? {} : { mountOptions }),
  }
}

/** YAML with indented fields; all values are JSON, which is also YAML. As in JSON, a field that is undefined is left out. */
function yamlLines(value: unknown, indent: string): string[] {
  if (Array.isArray(value)) return value.map(entry => `${indent}- ${JSON.stringify(entry)}`)
  return Object.entries(value as object).flatMap(([key, entry]) => {
    if (entry === undefined) return []
    const isEmpty = typeof entry === 'object' && Object.keys(entry as object).length === 0
    if (typeof entry !== 'object' || entry === null || isEmpty)
      return [`${indent}${key}: ${JSON.stringify(entry)}`]
    return [`${indent}${key}:`, ...yamlLines(entry, `${indent}  `)]
  })
}
