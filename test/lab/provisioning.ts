import { execa } from 'execa'
import type { Test } from 'tap'
import { parseMonitors } from '../../src/core/ceph/monitors.js'
import { DEFAULT_NODE_CONFIG } from '../../src/core/config/node-config.js'
import { type Backend, volumeNames } from '../../src/core/provision/names.js'
import type { VolumeRequest } from '../../src/core/provision/volume.js'
import { Secret } from '../../src/core/secret.js'
import type { LintSession } from '../../src/ops/provision/lint.js'
import { type AdminAccess, openProvisioner, type Provisioner } from '../../src/ops/provision/provisioner.js'
import { realSystem } from '../../src/system/system.js'
import { asItIs } from '../support/coverage.js'
import type { TestCluster } from './cluster.js'
import { DRIVER, type TestNode } from './node.js'

export const BACKENDS: readonly Backend[] = ['directory', 'subvolume']

export const MIB = 2n ** 20n
const COMMAND_MS = 60_000

/** Opens the sessions of a provisioner with a test's cluster; not closed with the test. */
export function openFor(cluster: TestCluster, changes: Partial<AdminAccess> = {}): Promise<Provisioner> {
  return openProvisioner(systemOf(cluster), { ...adminOf(cluster), ...changes })
}

/** Sessions for the lint of users, closed with the test. */
export async function lintSessionFor(
  t: Test,
  cluster: TestCluster,
  changes: Partial<AdminAccess> = {},
): Promise<LintSession> {
  const access = { ...adminOf(cluster), ...changes }
  return { system: systemOf(cluster), provisioner: await provisionerFor(t, cluster, changes), access }
}

/** The same, closed with the test. */
export async function provisionerFor(
  t: Test,
  cluster: TestCluster,
  changes: Partial<AdminAccess> = {},
): Promise<Provisioner> {
  const provisioner = await openFor(cluster, changes)
  t.teardown(() => provisioner.close())
  return provisioner
}

/**
 * Runs commands of the built program with the admin's key file, as an administrator does.
 *
 * @param key no command may print it.
 */
export function adminCommands(t: Test, node: TestNode, cluster: TestCluster, key: string | RegExp) {
  return async (args: readonly string[], input = '') => {
    const env = {
      ...node.environment,
      CEPHFLEX_MONITORS: cluster.monitorsBoth,
      CEPHFLEX_ADMIN_KEYRING: cluster.adminKeyring,
    }
    const options = { env, input, reject: false, timeout: COMMAND_MS } as const
    const { stdout, stderr, exitCode } = await execa(...asItIs(DRIVER, args), options)
    t.notMatch(`${stdout}${stderr}`, key, 'no key is printed')
    return { stdout, stderr, exitCode }
  }
}

export function requestFor(
  pv: string,
  backend: Backend,
  changes: Partial<VolumeRequest> = {},
): VolumeRequest {
  return {
    pv,
    names: volumeNames(pv, backend),
    sizeBytes: 8n * MIB,
    readOnly: false,
    mode: 0o777,
    ...changes,
  }
}

/** Every user of the cluster that a volume could have. */
export async function volumeUsers(cluster: TestCluster): Promise<string[]> {
  const { auth_dump } = (await cluster.command({ prefix: 'auth ls' })) as { auth_dump: { entity: string }[] }
  return auth_dump.map(({ entity }) => entity).filter(name => /^client\.(kubernetes_|k8s\.)/.test(name))
}

/** The names below claimRoot, including hidden ones. */
export async function namesBelow({ files, openRoot }: Provisioner, path = ''): Promise<string[]> {
  if (!(await openRoot(false))) return []
  return (await files.list(path, [])).map(({ name }) => name).sort()
}

function systemOf(cluster: TestCluster) {
  return realSystem({ ...DEFAULT_NODE_CONFIG, runDirectory: `${cluster.dir}/run-cephflex` }, {})
}

function adminOf(cluster: TestCluster): AdminAccess {
  return {
    monitors: parseMonitors(cluster.monitorsBoth).monitors,
    user: 'admin',
    key: new Secret(cluster.adminKey),
    claimRoot: '/volumes/kubernetes',
    backend: 'auto',
  }
}
