export const ADMIN_SECRET = { adminSecretName: 'ceph-admin', adminSecretNamespace: 'cephflex' }

/** A claim of a StorageClass. */
export function newClaim(name: string, className: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: className,
      resources: { requests: { storage: '16Mi' } },
      ...spec,
    },
  }
}

export function newClass(name: string, parameters: Record<string, string>, more: object = {}) {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'cephflex/cephfs',
    allowVolumeExpansion: true,
    parameters,
    ...more,
  }
}

/** The Secret with the key of the admin. A class names it with ADMIN_SECRET. */
export function adminSecret(key: string) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'ceph-admin', namespace: 'cephflex' },
    stringData: { key },
  }
}
