import { readdirSync, readlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { isCephFS, parseMountInfo } from '../../src/core/target/mount-table.js'
import { provisionerFor } from '../lab/provisioning.js'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { counting, NONE } from './support/claims.js'
import { manifest } from './support/controller.js'
import {
  confinementOf,
  mountsOf,
  type PodRead,
  placePods,
  processesOf,
  wholeLog,
  wordsOf,
} from './support/pods.js'
import { startScene } from './support/scene.js'
import { leaks } from './support/secrets.js'

const PKG = resolve('dist/pkg')
const NAMESPACE = ['-n', 'cephflex']
const ACCOUNT = '--as=system:serviceaccount:cephflex:cephflex-controller'

const NO_CAPABILITY = '0000000000000000'
/** Expected lines of /proc/PID/status. */
const NOBODY = {
  Uid: '65534 65534 65534 65534',
  Gid: '65534 65534 65534 65534',
  CapPrm: NO_CAPABILITY,
  CapEff: NO_CAPABILITY,
  CapBnd: NO_CAPABILITY,
  NoNewPrivs: '1',
  // a filter: seccomp(2)
  Seccomp: '2',
}

t.test('the controller as pods of the shipped Deployment, unchanged', async t => {
  recordTest(t, 'kube-deployment', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  // pods have their own loopback, so the cluster needs another address
  const { ceph, kube, leavesNothing } = await startScene(t, { ceph: { address: 'auto' } })
  const provisioner = await provisionerFor(t, ceph)
  const { stdout: clientImage } = await execa('bash', ['test/lab/kube/client-image.sh'])
  const apply = async (name: string, settings: Record<string, string>) =>
    kube.kubectl(['apply', '-f', '-'], await manifest(name, settings))
  const rolledOut = () =>
    kube.kubectl([...NAMESPACE, 'rollout', 'status', 'deployment/cephflex-controller', '--timeout=100s'])
  const replicas = () =>
    kube.list<PodRead>([...NAMESPACE, 'pod', '-l', 'app.kubernetes.io/name=cephflex-controller'])
  /** The pod that holds the lease. */
  const leader = async () => {
    const [lease] = await kube.list<{ spec: { holderIdentity?: string } }>([...NAMESPACE, 'lease'])
    return (await replicas()).find(
      ({ metadata }) => metadata.name === lease?.spec.holderIdentity?.split('_')[0],
    )
  }
  const eventually = counting(kube, ceph, provisioner)
  const logs = new Map<string, Promise<string>>()

  await kube.test('two replicas become ready', async t => {
    const [image = ''] = readdirSync(PKG).filter(name => name.endsWith('-oci.tar'))
    await Promise.all([`${PKG}/${image}`, clientImage].map(kube.importImage))
    await apply('controller', { clientImage: 'localhost/cephflex/client:1' })
    const key = ['--namespace', 'cephflex', `--from-file=key=${ceph.adminKeyring}`]
    await kube.kubectl(['create', 'secret', 'generic', 'ceph-admin', ...key])
    await placePods(kube, 2)
    t.match(await rolledOut(), /successfully rolled out/)
    const pods = await replicas()
    t.equal(pods.length, 2)
    t.equal(new Set(pods.map(({ status }) => status.podIP)).size, 2, 'each has a network of its own')
    for (const pod of pods) logs.set(pod.metadata.name, wholeLog(kube, pod, 'controller'))
  })

  await kube.test('the shipped StorageClass: a claim is bound, and a pod writes to its volume', async t => {
    const podImage = 'localhost/cephflex/busybox:1'
    await apply('storageclass', { name: 'web', monitors: ceph.monitors, size: '16Mi', podImage })
    await kube.bound('web')
    await placePods(kube, 1)
    const [uid = ''] = await kube.running('web')
    t.match(await kube.exec('web', 'echo hello >/data/file && cat /data/file'), {
      exitCode: 0,
      stdout: 'hello',
    })
    t.equal(kube.volumeMounts(uid).filter(isCephFS).length, 1, 'mounted by the driver')
    await eventually('everything exists', { users: 1, directories: 1, volumes: 1, secrets: 1, claims: 1 })
    const made = ['secret', '-l', 'app.kubernetes.io/managed-by=cephflex']
    for (const { data } of await kube.list<{ data: { key: string } }>([...NAMESPACE, ...made]))
      kube.keys.push(Buffer.from(data.key, 'base64').toString())
    t.equal(kube.keys.length, 2, 'its key is searched for from here on')
  })

  await kube.test('its processes run as nobody, can write only to memory, and expose no key', async t => {
    const pods = await replicas()
    const pids = pods.flatMap(processesOf)
    const programs = new Set(pids.map(pid => readlinkSync(`/proc/${pid}/exe`).replace(/3\.\d+$/, '3')))
    t.strictSame(programs, new Set(['/program/cephflex', '/usr/bin/python3']), 'it has these processes')
    for (const pid of pids) {
      const mounts = parseMountInfo(mountsOf(pid))
      t.strictSame(confinementOf(pid), NOBODY)
      for (const path of ['/', '/program'])
        t.ok(
          mounts.find(({ mountPoint }) => mountPoint === path)?.options.includes('ro'),
          `${path} is read-only`,
        )
      t.strictSame(leaks(wordsOf(pid), kube.keys), [], 'no key in arguments and environment')
    }
    t.ok(
      pids.some(pid => wordsOf(pid).includes('KUBERNETES_SERVICE_HOST=10.96.0.1')),
      'the environment can be read',
    )
    // the token of the ServiceAccount is mounted there, since /var/run is a link to it
    const files = pids.flatMap(pid => readdirSync(`/proc/${pid}/root/run`)).filter(name => name !== 'secrets')
    t.strictSame(files, [], 'no file is left')
  })

  await kube.test('it may read the keys in its own namespace, and no others', async t => {
    const may = async (namespace: string, ...what: string[]) =>
      (await kube.tryKubectl(['auth', 'can-i', ...what, '-n', namespace, ACCOUNT])).stdout
    t.equal(await may('cephflex', 'get', 'secrets'), 'yes')
    t.equal(await may('cephflex', 'list', 'secrets'), 'no')
    for (const namespace of ['default', 'kube-system']) t.equal(await may(namespace, 'get', 'secrets'), 'no')
    for (const what of ['pods/exec', 'pods', 'secrets']) t.equal(await may('default', 'create', what), 'no')
    t.match(await kube.tryKubectl(['get', 'secret', 'admin', ACCOUNT]), { exitCode: 1, stderr: /Forbidden/ })
    t.match(await kube.tryKubectl([...NAMESPACE, 'get', 'secret', 'ceph-admin', ACCOUNT]), { exitCode: 0 })
  })

  await kube.test('the leader is deleted: the other one removes what the first had created', async t => {
    const first = await until('one leads', leader)
    await kube.kubectl([...NAMESPACE, 'delete', 'pod', '--wait=false', first.metadata.name])
    const second = await until('another replica leads', async () => {
      const now = await leader()
      return now?.metadata.name !== first.metadata.name && now
    })
    t.ok(logs.has(second.metadata.name), 'the replica that waited')
    await placePods(kube, 1)
    t.match(await logs.get(first.metadata.name), /"event":"ended"/, 'the first one ended by itself')
    const uid = await kube.uidOf('web')
    await kube.kubectl(['delete', 'pod', 'web', '--grace-period=1', '--wait=false'])
    await kube.unmounted(uid)
    await kube.kubectl(['delete', 'pvc', 'web', '--wait=false'])
    await eventually('nothing is left', NONE)
    t.match(await rolledOut(), /successfully rolled out/, 'and there are two replicas again')
    for (const { status } of await replicas())
      t.match(status.containerStatuses, [{ restartCount: 0 }], 'none had to be restarted')
  })

  await kube.test('it logs no key', async t => {
    for (const pod of await replicas())
      if (!logs.has(pod.metadata.name)) logs.set(pod.metadata.name, wholeLog(kube, pod, 'controller'))
    await kube.kubectl([...NAMESPACE, 'delete', 'deployment', 'cephflex-controller', '--timeout=100s'])
    const texts = await Promise.all(logs.values())
    t.equal(texts.length, 3)
    for (const text of texts) {
      t.match(text, /"event":"listening"[\s\S]*"event":"ended"/, 'the log is complete')
      t.strictSame(leaks(text, kube.keys), [])
    }
  })

  await leavesNothing()
})
