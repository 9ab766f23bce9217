/** What the person who runs the controller chose. */
export type ControllerSettings = {
  /** Names of provisioners that it answers for; the first one signs new volumes of its own. */
  provisioners: readonly string[]
  /** `VENDOR/DRIVER` on the nodes: the driver of the volumes and the type of their Secrets. */
  driver: string
  /** Where the Secrets of volumes go; undefined: beside each claim. */
  secretNamespace?: string | undefined
}

/** Says who made a PersistentVolume; Kubernetes itself reads it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'

/** The parameters that a volume was made with, as JSON: its StorageClass may be gone when it is deleted. */
export const PARAMETERS_NOTE = 'cephflex/parameters'

/** On a Secret: the PersistentVolume that it was made for. */
export const VOLUME_NOTE = 'cephflex/volume'

/**
 * On a claim from before its volume is made until its PersistentVolume exists:
 * a claim that is deleted in between stays until what was made is removed.
 */
export const CLAIM_FINALIZER = 'cephflex/making-volume'

/** On a PersistentVolume, so that nobody can delete it and leave its data and its user behind. */
export const VOLUME_FINALIZER = 'cephflex/volume'

export const LABELS = { 'app.kubernetes.io/managed-by': 'cephflex' } as const

/** Whether a finalizer stands on an object. */
export const holds = (
  { metadata }: { metadata: { finalizers?: readonly string[] } },
  finalizer: string,
): boolean => metadata.finalizers?.includes(finalizer) ?? false
