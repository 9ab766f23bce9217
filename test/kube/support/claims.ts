import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import type { TestCluster } from '../../lab/cluster.js'
import type { Kube, Read } from '../../lab/kube/kube.js'
import { namesBelow, volumeUsers } from '../../lab/provisioning.js'
import { until } from '../../lab/until.js'

export { newClaim, newClass } from '../../lab/kube/claims.js'

export type Left = { users: number; directories: number; volumes: number; secrets: number; claims: number }

export const NONE: Left = { users: 0, directories: 0, volumes: 0, secrets: 0, claims: 0 }

/** Waits until there are exactly these numbers of everything. */
export function counting(kube: Kube, ceph: TestCluster, provisioner: Provisioner) {
  return (what: string, wanted: Left): Promise<boolean> =>
    until(what, async () => {
      const now = await census(kube, ceph, provisioner)
      if (JSON.stringify(now) === JSON.stringify(wanted)) return true
      throw new Error(JSON.stringify(now))
    })
}

/** The numbers of everything that belongs to volumes of the controller, in the cluster and in Kubernetes. */
async function census(kube: Kube, ceph: TestCluster, provisioner: Provisioner): Promise<Left> {
  const [users, directories, volumes, secrets, claims] = await Promise.all([
    volumeUsers(ceph),
    namesBelow(provisioner),
    kube.list<Read>(['pv']),
    kube.list<Read>(['secret', '-A', '-l', 'app.kubernetes.io/managed-by=cephflex']),
    kube.list<Read>(['pvc']),
  ])
  return {
    users: users.length,
    directories: directories.length,
    volumes: volumes.length,
    secrets: secrets.length,
    claims: claims.length,
  }
}
