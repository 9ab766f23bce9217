import type { Test } from 'tap'
import { parseMonitors } from '../../src/core/monitors.js'
import { DEFAULT_NODE_CONFIG } from '../../src/core/node-config.js'
import { type Backend, volumeNames } from '../../src/core/provision/names.js'
import type { VolumeRequest } from '../../src/core/provision/volume.js'
import { Secret } from '../../src/core/secret.js'
import { type AdminAccess, openProvisioner, type Provisioner } from '../../src/ops/provision/provisioner.js'
import { realSystem } from '../../src/system/system.js'
import type { TestCluster } from './cluster.js'

export const BACKENDS: readonly Backend[] = ['directory', 'subvolume']

export const MIB = 2n ** 20n

/** Opens the sessions of a provisioner with a test's cluster; not closed with the test. */
export const openFor = (cluster: TestCluster, changes: Partial<AdminAccess> = {}): Promise<Provisioner> =>
  openProvisioner(realSystem({ ...DEFAULT_NODE_CONFIG, runDirectory: `${cluster.dir}/run-cephflex` }, {}), {
    monitors: parseMonitors(cluster.monitorsBoth).monitors,
    user: 'admin',
    key: new Secret(cluster.adminKey),
    claimRoot: '/volumes/kubernetes',
    backend: 'auto',
    ...changes,
  })

/** The same, closed with the test. */
export const provisionerFor = async (
  t: Test,
  cluster: TestCluster,
  changes: Partial<AdminAccess> = {},
): Promise<Provisioner> => {
  const provisioner = await openFor(cluster, changes)
  t.teardown(() => provisioner.close())
  return provisioner
}

export const requestFor = (
  pv: string,
  backend: Backend,
  changes: Partial<VolumeRequest> = {},
): VolumeRequest => ({
  pv,
  names: volumeNames(pv, backend),
  sizeBytes: 8n * MIB,
  readOnly: false,
  mode: 0o777,
  ...changes,
})

/** Every user of the cluster that a volume could have. */
export const volumeUsers = async (cluster: TestCluster): Promise<string[]> => {
  const { auth_dump } = (await cluster.command({ prefix: 'auth ls' })) as { auth_dump: { entity: string }[] }
  return auth_dump.map(({ entity }) => entity).filter(name => /^client\.(kubernetes_|k8s\.)/.test(name))
}

/** What is below claimRoot, hidden names included. */
export const namesBelow = async ({ files, openRoot }: Provisioner, path = ''): Promise<string[]> => {
  if (!(await openRoot(false))) return []
  return (await files.list(path, [])).map(({ name }) => name).sort()
}
