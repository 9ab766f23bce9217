import type { Test } from 'tap'
import type { StartOptions } from '../../../src/ops/dev-cluster/start.js'
import { startCluster } from '../../lab/cluster.js'
import { type KubeOptions, newKubeDir, startKube } from '../../lab/kube/kube.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { installDriver, undoConfig } from './driver.js'
import { flexVolume, secret } from './objects.js'
import { leaks } from './secrets.js'

type DriverEvent = { event: string; call: string; target?: string; pid: number; argv?: string[] }

type SceneOptions = Omit<KubeOptions, 'env' | 'runDirectory'> & {
  install?: boolean
  /** Node configuration, in addition to directories and a deadline. */
  config?: Record<string, unknown>
  ceph?: StartOptions
}

/**
 * What nearly every suite needs: a Ceph cluster, a Kubernetes, the packaged driver installed by install.sh while the
 * kubelet runs, and the admin's key in the Secret `admin`. With `install: false`, the test installs the driver itself.
 */
export async function startScene(t: Test, options: SceneOptions = {}) {
  const ceph = await startCluster(t, options.ceph)
  const dir = options.dir ?? newKubeDir()
  undoConfig(t)
  // directories of its own for the driver: they are checked for leftovers, and removed with the test
  const driver = makeNode(t, { timeoutSeconds: 30, ...options.config })
  const { environment: env, runDirectory } = driver
  const kube = await startKube(t, { ...options, dir, env, runDirectory })
  kube.keys.push(ceph.adminKey)
  const installed = options.install === false ? '' : await installDriver(kube)
  await kube.apply(secret('admin', { key: ceph.adminKey }))
  return {
    ceph,
    kube,
    driver,
    /** The output of install.sh. */
    installed,
    /** An inline volume of the admin. */
    inline: (options: Readonly<Record<string, string>> = {}, readOnly = false) =>
      flexVolume({ monitors: ceph.monitors, ...options }, { secret: 'admin', readOnly }),
    /** The same for a PersistentVolume. */
    persistent: (options: Readonly<Record<string, string>> = {}, readOnly = false) =>
      flexVolume(
        { monitors: ceph.monitors, ...options },
        { secret: 'admin', namespace: 'default', readOnly },
      ),
    /** The last subtest of a suite: no pod and nothing else is left, and no key was exposed. */
    leavesNothing: () =>
      kube.test('nothing is left, and no log contains a key', async t => {
        t.ok(await kube.noPods(), 'no pod, and no directory of a pod')
        t.strictSame(kube.volumeMounts(), [], 'no mount')
        t.strictSame(kube.clients(), [], 'no ceph-fuse')
        t.strictSame(driver.leftovers(), NOTHING, 'no keyring, lock or state of the driver')
        const log = kube.kubeletLog()
        t.ok(log.includes('"cephflex/cephfs/'), "this is the kubelet's log, with the driver in it")
        t.strictSame(leaks(log, kube.keys), [], 'the kubelet logs no key')
        t.strictSame(leaks(driver.log(), kube.keys), [], 'the driver logs no key')
        const events = await kube.kubectl(['get', 'events', '-A', '-o', 'json'])
        t.strictSame(leaks(events, kube.keys), [], 'no event contains a key')
      }),
    /** The driver's own log, one object a line. */
    driverLog: (): DriverEvent[] =>
      driver
        .log()
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line) as DriverEvent),
  }
}
