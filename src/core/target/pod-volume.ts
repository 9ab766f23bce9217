/** `KUBELET/pods/UID/volumes/VENDOR~DRIVER/NAME`: only the kubelet has a volume there. */
const POD_VOLUME = /^(.*)\/pods\/([^/]+)\/volumes\/([^/~]+~[^/~]+)\/([^/]+)$/

/** The parts of a directory that the kubelet made for a volume of a pod. */
export type PodVolume = {
  /** The kubelet's directory `pods`. */
  pods: string
  uid: string
  /** `VENDOR~DRIVER` */
  plugin: string
  volume: string
}

/** Takes a normalised target apart; undefined if it does not look like one of the kubelet's. */
export function podVolumeOf(target: string): PodVolume | undefined {
  const [, root, uid, plugin, volume] = POD_VOLUME.exec(target) ?? []
  if (root === undefined || uid === undefined || plugin === undefined || volume === undefined)
    return undefined
  return { pods: `${root}/pods`, uid, plugin, volume }
}
