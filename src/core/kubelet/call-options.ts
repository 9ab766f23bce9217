/** The prefix of every key that the kubelet adds to the options of a volume. */
export const KUBELET_PREFIX = 'kubernetes.io/'

/**
 * The keys by meaning. For the keys of the Secret, see {@link secretOption}.
 *
 * @see pkg/volume/flexvolume/driver-call.go of Kubernetes; 1.15 renamed `fsGroup`.
 */
export const KUBELET_OPTIONS = {
  fsType: `${KUBELET_PREFIX}fsType`,
  access: `${KUBELET_PREFIX}readwrite`,
  volume: `${KUBELET_PREFIX}pvOrVolumeName`,
  podName: `${KUBELET_PREFIX}pod.name`,
  podNamespace: `${KUBELET_PREFIX}pod.namespace`,
  podUid: `${KUBELET_PREFIX}pod.uid`,
  serviceAccount: `${KUBELET_PREFIX}serviceAccount.name`,
  oldFsGroup: `${KUBELET_PREFIX}fsGroup`,
  fsGroup: `${KUBELET_PREFIX}mounterArgs.FsGroup`,
} as const

const SECRET_PREFIX = `${KUBELET_PREFIX}secret/`

/** The key for an entry of the volume's Secret; its value is base64. */
export function secretOption(entry: string): string {
  return `${SECRET_PREFIX}${entry}`
}

/** The entry of the Secret that a key names; undefined for any other key. */
export function secretEntry(option: string): string | undefined {
  return option.startsWith(SECRET_PREFIX) ? option.slice(SECRET_PREFIX.length) : undefined
}
