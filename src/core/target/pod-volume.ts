/** `KUBELET/pods/UID/volumes/VENDOR~DRIVER/NAME`: the kubelet's directory for a FlexVolume of a pod. */
const POD_VOLUME = /^(.*)\/pods\/([^/]+)\/volumes\/([^/~]+~[^/~]+)\/([^/]+)$/

/** The parts of the kubelet's directory for a volume of a pod. */
export type PodVolume = {
  /** Path of the kubelet's directory `pods`. */
  pods: string
  uid: string
  /** `VENDOR~DRIVER` */
  plugin: string
  volume: string
}

/** Parses a normalised target; undefined if it does not have the form of the kubelet's. */
export function podVolumeOf(target: string): PodVolume | undefined {
  const [, root, uid, plugin, volume] = POD_VOLUME.exec(target) ?? []
  if (root === undefined || uid === undefined || plugin === undefined || volume === undefined)
    return undefined
  return { pods: `${root}/pods`, uid, plugin, volume }
}
