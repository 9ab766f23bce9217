import { LABELS } from '../kubernetes/annotations.js'
import { secretName } from '../provision/kubernetes.js'
import { formatQuantity } from '../provision/quantity.js'
import type { Volume } from '../provision/volume.js'
import type { Secret } from '../secret.js'
import type { CephFsVolume } from './pv-file.js'

/** The name under which ceph-csi is deployed; Rook puts its namespace before it. */
export const CSI_DRIVER = 'cephfs.csi.ceph.com'

export type CsiOptions = {
  driver: string
  /** The key of the cluster in ceph-csi's configuration. */
  clusterId: string
  /** For volumes that do not say it. */
  fsName?: string | undefined
  secretNamespace: string
}

/** What ceph-csi needs to know of a volume, whoever it comes from. */
export type CsiSource = Pick<
  CephFsVolume,
  | 'name'
  | 'path'
  | 'user'
  | 'fsName'
  | 'mounter'
  | 'mountOptions'
  | 'kernelOptions'
  | 'msMode'
  | 'fuseOptions'
  | 'readOnly'
  | 'storage'
  | 'accessModes'
  | 'claim'
>

/** Where a key is to be put in. */
const PLACEHOLDER = 'REPLACE-ME-WITH-THE-KEY'

/** A volume of the cluster. It does not know its claim. */
export function csiSourceOf(volume: Volume): CsiSource {
  return {
    name: volume.pv,
    path: volume.path,
    user: volume.user,
    fsName: volume.fsName,
    mountOptions: [],
    readOnly: volume.readOnly,
    storage: formatQuantity(volume.sizeBytes),
    accessModes: [volume.readOnly ? 'ReadOnlyMany' : 'ReadWriteMany'],
  }
}

/**
 * The static PersistentVolume of ceph-csi for the same directory.
 *
 * Its policy is Retain, as ceph-csi deletes no static volume. With a
 * `claimRef` no other claim can take it; it has no uid, so that a new claim of
 * that name binds. The handle is no CSI id, by which ceph-csi tells static
 * volumes from its own.
 *
 * @see ceph-csi docs/static-pvc.md, internal/cephfs/store/volumeoptions.go
 */
export function csiVolume(source: CsiSource, options: CsiOptions) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: csiName(source.name), labels: LABELS },
    spec: {
      capacity: { storage: source.storage ?? '1Gi' },
      accessModes: source.accessModes.length > 0 ? source.accessModes : ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode: 'Filesystem',
      ...(source.mountOptions.length > 0 ? { mountOptions: source.mountOptions } : {}),
      ...(source.claim
        ? {
            claimRef: {
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              name: source.claim.name,
              ...(source.claim.namespace === undefined ? {} : { namespace: source.claim.namespace }),
            },
          }
        : {}),
      csi: {
        driver: options.driver,
        volumeHandle: `cephflex-${source.name}`,
        ...(source.readOnly ? { readOnly: true } : {}),
        nodeStageSecretRef: { name: csiSecretName(source.user), namespace: options.secretNamespace },
        volumeAttributes: attributes(source, options),
      },
    },
  }
}

/** The Secret for it: user and key of the volume, never those of an admin. Without a key, a place for it. */
export function csiSecret({ user }: CsiSource, { secretNamespace }: CsiOptions, key?: Secret) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: csiSecretName(user),
      namespace: secretNamespace,
      labels: LABELS,
    },
    type: 'Opaque',
    stringData: { userID: user, userKey: key?.reveal() ?? PLACEHOLDER },
  }
}

/** What does not move with a volume, and what is missing; lines for people. */
export function csiNotes(source: CsiSource, options: CsiOptions): string[] {
  return [
    ...(source.fsName === undefined && options.fsName === undefined
      ? [`${source.name} does not name its file system: ceph-csi older than 3.11 needs --fs-name`]
      : []),
    ...(source.fuseOptions === undefined
      ? []
      : [`${source.name} has fuseOptions, which ceph-csi cannot set: put them into its ceph.conf`]),
    ...(source.storage === undefined ? [`${source.name} has no size: 1Gi was written instead`] : []),
  ]
}

/** A PersistentVolume cannot change its source: the new one stands beside the old one. */
function csiName(name: string): string {
  return `${name}-csi`
}

function attributes(
  { path, fsName, mounter, kernelOptions, msMode }: CsiSource,
  options: CsiOptions,
): Record<string, string> {
  const kernel = [...(kernelOptions ? [kernelOptions] : []), ...(msMode ? [`ms_mode=${msMode}`] : [])].join(
    ',',
  )
  const name = fsName ?? options.fsName
  return {
    clusterID: options.clusterId,
    ...(name === undefined ? {} : { fsName: name }),
    staticVolume: 'true',
    rootPath: path,
    ...(mounter === 'fuse' || mounter === 'kernel' ? { mounter } : {}),
    ...(kernel === '' ? {} : { kernelMountOptions: kernel }),
  }
}

function csiSecretName(user: string): string {
  return `csi-${secretName(user)}`
}
