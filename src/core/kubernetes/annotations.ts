/** Annotations, labels and finalizers that this program reads and writes. */

/** The StorageClass of a claim, before `spec.storageClassName` (Kubernetes 1.6). */
export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** Which provisioner a claim waits for. The older name first: all of Kubernetes 1.20's and what came later write it. */
export const PROVISIONER_ANNOTATIONS: readonly string[] = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
]

/** The node that the scheduler chose for a claim of a class with WaitForFirstConsumer. */
export const SELECTED_NODE_ANNOTATION = 'volume.kubernetes.io/selected-node'

/** Says who made a PersistentVolume; Kubernetes itself reads it. */
export const PROVISIONED_BY_ANNOTATION = 'pv.kubernetes.io/provisioned-by'

/** The parameters that a volume was made with, as JSON: its StorageClass may be gone when it is deleted. */
export const PARAMETERS_ANNOTATION = 'cephflex/parameters'

/** On a Secret: the PersistentVolume that it was made for. */
export const VOLUME_ANNOTATION = 'cephflex/volume'

/**
 * On a claim from before its volume is made until its PersistentVolume exists:
 * a claim that is deleted in between stays until what was made is removed.
 */
export const CLAIM_FINALIZER = 'cephflex/making-volume'

/** On a PersistentVolume, so that nobody can delete it and leave its data and its user behind. */
export const VOLUME_FINALIZER = 'cephflex/volume'

/** On every object that this program makes. */
export const LABELS = { 'app.kubernetes.io/managed-by': 'cephflex' } as const
