/** Annotations, labels and finalizers that this program reads and writes. */

/** The StorageClass of a claim. Takes precedence over `spec.storageClassName`, which Kubernetes 1.6 introduced. */
export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** The provisioner that a claim waits for. The older name first: Kubernetes 1.20 and newer set it. */
export const PROVISIONER_ANNOTATIONS: readonly string[] = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
]

/** The node that the scheduler chose for a claim of a class with WaitForFirstConsumer. */
export const SELECTED_NODE_ANNOTATION = 'volume.kubernetes.io/selected-node'

/** The provisioner of a PersistentVolume. Kubernetes itself reads it, too. */
export const PROVISIONED_BY_ANNOTATION = 'pv.kubernetes.io/provisioned-by'

/** The parameters of a volume's StorageClass, as JSON: the class may no longer exist when the volume is deleted. */
export const PARAMETERS_ANNOTATION = 'cephflex/parameters'

/** On a PersistentVolume whose user is that of its Kubernetes namespace: the uid of that namespace. */
export const NAMESPACE_UID_ANNOTATION = 'cephflex/namespace-uid'

/** On a Secret: the PersistentVolume that it belongs to; or the directory of the Kubernetes namespace. */
export const VOLUME_ANNOTATION = 'cephflex/volume'

/**
 * On a claim, from before its volume is created until its PersistentVolume exists. If the claim is deleted in between,
 * it stays until everything created for it is deleted.
 */
export const CLAIM_FINALIZER = 'cephflex/making-volume'

/** On a PersistentVolume, so that it cannot be deleted without its data and its user. */
export const VOLUME_FINALIZER = 'cephflex/volume'

/** On every object that this program creates. */
export const LABELS = { 'app.kubernetes.io/managed-by': 'cephflex' } as const
