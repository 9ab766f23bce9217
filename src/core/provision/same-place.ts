import type { Monitor } from '../ceph/monitors.js'
import { fuseMonitors } from '../ceph/monitors.js'
import { CephflexError } from '../errors.js'

/** Where a volume is created or searched. */
export type Place = {
  monitors: readonly Monitor[]
  fsName?: string | undefined
  claimRoot: string
}

/**
 * Refuses to create a volume where a `delete` call would not find it: the flex provisioner passes no parameters to it.
 *
 * @param later where that call searches: what the node configuration says.
 * @throws CephflexError EBADVOLUME with each parameter that would be lost.
 */
export function refuseOtherPlace(wanted: Place, later: Place): void {
  const [asWanted, asLater] = [texts(wanted), texts(later)]
  const lost = (Object.keys(asWanted) as (keyof typeof asWanted)[])
    .filter(name => asWanted[name] !== asLater[name])
    .map(name => `${name} ${asWanted[name]} (there: ${asLater[name]})`)
  if (lost.length === 0) return
  throw new CephflexError(
    'EBADVOLUME',
    `a later "delete" would not find the volume, since it gets no parameters, only the node configuration: ${lost.join('; ')}`,
    {
      hint: 'remove these parameters from the StorageClass, and set them for the cluster "default" in /etc/cephflex/config.json on each machine with the provisioner',
    },
  )
}

function texts({ monitors, fsName, claimRoot }: Place) {
  return {
    monitors: fuseMonitors(monitors).split(',').sort().join(','),
    fsName: fsName ?? 'the default file system',
    claimRoot,
  }
}
