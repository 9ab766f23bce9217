import { volumeFor } from '../../src/core/controller/make-objects.js'
import type { ControllerSettings } from '../../src/core/controller/settings.js'
import type { Claim, PersistentVolume, StorageClass } from '../../src/core/kubernetes/objects.js'
import { parseParameters } from '../../src/core/provision/parameters.js'
import type { Volume } from '../../src/core/provision/volume.js'

export const UID = '12345678-90ab-cdef-0123-4567890abcde'
export const PV = `pvc-${UID}`

export const SETTINGS: ControllerSettings = { provisioners: ['cephflex/cephfs'], driver: 'cephflex/cephfs' }

const PARAMETERS = { monitors: '10.0.0.1', adminSecretName: 'ceph-admin' }

export const madeVolume: Volume = {
  pv: PV,
  path: '/volumes/kubernetes/share',
  user: 'kubernetes_dynamic_user_x',
  sizeBytes: 2n ** 30n,
  readOnly: false,
  backend: 'directory',
  fsName: 'cephfs',
  pool: 'data',
  namespace: 'ns',
  createdAt: '2026-01-01T00:00:00.000Z',
}

/** The claim after Kubernetes has bound it. */
export function boundClaim(storage = '1Gi', metadata: Partial<Claim['metadata']> = {}): Claim {
  return claim({ volumeName: PV, resources: { requests: { storage } } }, metadata, {
    phase: 'Bound',
    capacity: { storage: '1Gi' },
  })
}

/** Its PersistentVolume, with changes to its parts. */
export function persistentVolume(
  changes: {
    metadata?: Partial<PersistentVolume['metadata']>
    spec?: Partial<PersistentVolume['spec']>
    phase?: string
  } = {},
): PersistentVolume {
  const parameters = parseParameters(PARAMETERS)
  const monitors = parameters.monitors ?? []
  const about = { claim: claim(), storageClass: storageClass(), parameters, monitors }
  const made = volumeFor(madeVolume, about, SETTINGS)
  return {
    ...made,
    metadata: { ...made.metadata, uid: 'pv-uid', ...changes.metadata },
    spec: { ...made.spec, ...changes.spec },
    status: { phase: changes.phase ?? 'Bound' },
  }
}

export function storageClass(changes: Partial<StorageClass> = {}): StorageClass {
  return {
    metadata: { name: 'fast' },
    provisioner: 'cephflex/cephfs',
    parameters: PARAMETERS,
    reclaimPolicy: 'Delete',
    allowVolumeExpansion: true,
    volumeBindingMode: 'Immediate',
    ...changes,
  }
}

/** A claim that waits for its volume. */
export function claim(
  spec: Partial<Claim['spec']> = {},
  metadata: Partial<Claim['metadata']> = {},
  status: Claim['status'] = { phase: 'Pending' },
): Claim {
  return {
    metadata: {
      name: 'data',
      namespace: 'apps',
      uid: UID,
      resourceVersion: '1',
      annotations: { 'volume.beta.kubernetes.io/storage-provisioner': 'cephflex/cephfs' },
      ...metadata,
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: 'fast',
      resources: { requests: { storage: '1Gi' } },
      ...spec,
    },
    status,
  }
}
