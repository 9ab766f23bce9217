import { LABELS } from '../kubernetes/annotations.js'
import { isClient } from '../mounters/index.js'
import { secretName } from '../provision/kubernetes.js'
import { formatQuantity } from '../provision/quantity.js'
import type { Volume } from '../provision/volume.js'
import type { Secret } from '../secret.js'
import { claimRefOf, renamed } from './new-volume.js'
import type { CephFsVolume } from './pv-file.js'

/** The driver name of ceph-csi; Rook prefixes it with its namespace. */
export const CSI_DRIVER = 'cephfs.csi.ceph.com'

export type CsiOptions = {
  driver: string
  /** The key of the cluster in ceph-csi's configuration. */
  clusterId: string
  /** For volumes that do not name their file system. */
  fsName?: string | undefined
  secretNamespace: string
}

/** What a PersistentVolume of ceph-csi is made from, wherever the volume comes from. */
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

/** Printed where the user has to insert the key. */
const PLACEHOLDER = 'REPLACE-ME-WITH-THE-KEY'

/** The source for a volume that was found in the cluster, where its claim is unknown. */
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
 * Its policy is Retain, because ceph-csi does not delete static volumes. The handle is not a CSI id: that is how ceph-csi
 * distinguishes static volumes from its own.
 *
 * @see ceph-csi docs/static-pvc.md, internal/cephfs/store/volumeoptions.go
 */
export function csiVolume(source: CsiSource, options: CsiOptions) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: renamed(source.name, 'csi'), labels: LABELS },
    spec: {
      capacity: { storage: source.storage ?? '1Gi' },
      accessModes: source.accessModes.length > 0 ? source.accessModes : ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      volumeMode: 'Filesystem',
      ...(source.mountOptions.length > 0 ? { mountOptions: source.mountOptions } : {}),
      ...claimRefOf(source),
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

/** The Secret for the volume: its own user and key, never an admin's. Without a key, it contains a placeholder. */
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

/** What is missing for ceph-csi, and what it does not support; lines for people. */
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
    ...(isClient(mounter) ? { mounter } : {}),
    ...(kernel === '' ? {} : { kernelMountOptions: kernel }),
  }
}

function csiSecretName(user: string): string {
  return secretName(user, 'csi-')
}
