/** Objects of the Kubernetes API, as far as the controller reads or writes them. */

export type Metadata = {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
}

export type KubeObject = { apiVersion?: string; kind?: string; metadata: Metadata }

export type Claim = KubeObject & {
  spec: {
    accessModes?: string[]
    storageClassName?: string
    volumeName?: string
    volumeMode?: string
    selector?: object
    dataSource?: object
    dataSourceRef?: object
    resources?: { requests?: { storage?: string } }
  }
  status?: {
    phase?: string
    capacity?: Record<string, string>
    conditions?: { type: string }[]
    /** Since Kubernetes 1.23: what an expansion has reserved, and how far it is. */
    allocatedResources?: Record<string, string>
    allocatedResourceStatuses?: Record<string, string>
  }
}

export type FlexVolume = {
  driver: string
  readOnly?: boolean
  secretRef?: { name: string; namespace?: string }
  options?: Record<string, string>
}

export type PersistentVolume = KubeObject & {
  spec: {
    capacity?: Record<string, string>
    accessModes?: string[]
    persistentVolumeReclaimPolicy?: string
    storageClassName?: string
    volumeMode?: string
    claimRef?: { namespace?: string; name?: string; uid?: string }
    flexVolume?: FlexVolume
    cephfs?: { secretRef?: { name: string; namespace?: string } }
  }
  status?: { phase?: string }
}

export type StorageClass = KubeObject & {
  provisioner: string
  parameters?: Record<string, string>
  reclaimPolicy?: string
  mountOptions?: string[]
  allowVolumeExpansion?: boolean
  volumeBindingMode?: string
  allowedTopologies?: object[]
}

export type KubeSecret = KubeObject & { type?: string; data?: Record<string, string> }

export type Lease = KubeObject & {
  spec?: {
    holderIdentity?: string | null
    leaseDurationSeconds?: number | null
    /** RFC 3339 with microseconds. */
    acquireTime?: string | null
    renewTime?: string | null
    leaseTransitions?: number | null
  }
}

/** API paths of all objects of a kind. */
export const RESOURCES = {
  claims: '/api/v1/persistentvolumeclaims',
  volumes: '/api/v1/persistentvolumes',
  classes: '/apis/storage.k8s.io/v1/storageclasses',
} as const

/** API paths of single objects; without a name, the path to create and list them at. */
export const pathOf = {
  claim: (namespace: string, name: string) => named('/api/v1', 'persistentvolumeclaims', namespace, name),
  secret: (namespace: string, name?: string) => named('/api/v1', 'secrets', namespace, name),
  event: (namespace: string, name?: string) => named('/api/v1', 'events', namespace, name),
  lease: (namespace: string, name?: string) =>
    named('/apis/coordination.k8s.io/v1', 'leases', namespace, name),
  namespace: (name: string) => `/api/v1/namespaces/${name}`,
  volume: (name: string) => `${RESOURCES.volumes}/${name}`,
} as const

/** `NAMESPACE/NAME`, or the name for an object without a namespace. */
export function objectKey({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

/** Whether an object has a finalizer. */
export function hasFinalizer(
  { metadata }: { metadata: { finalizers?: readonly string[] } },
  finalizer: string,
): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false
}

function named(base: string, kind: string, namespace: string, name = '') {
  return `${base}/namespaces/${namespace}/${kind}${name && `/${name}`}`
}
