import t from 'tap'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { NONE, newClaim, newClass } from './support/claims.js'
import { shipped } from './support/controller.js'
import { startDemand } from './support/demand.js'
import { claimed, type KubeObject, NODE, pod } from './support/objects.js'
import { leaks } from './support/secrets.js'

/** Changes to a manifest: this node has no scheduler, and a test must be quick. */
const placed = (object: KubeObject): KubeObject => {
  const { spec } = object as KubeObject & { spec: object }
  if (object.kind === 'Pod') Object.assign(spec, { nodeName: NODE, terminationGracePeriodSeconds: 1 })
  return object
}

t.test('volumes on demand', async t => {
  recordTest(t, 'kube-provision', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const demand = await startDemand(t)
  const { ceph, kube, parameters, start, log, eventually, event, remove, leavesNothing } = demand
  const leader = await start()

  await kube.test('the shipped StorageClass: claim, pod, quota, growth, end', async t => {
    const settings = {
      name: 'web',
      monitors: ceph.monitors,
      size: '16Mi',
      podImage: 'localhost/cephflex/busybox:1',
    }
    await kube.apply(...(await shipped('storageclass', settings)).map(placed))
    await kube.bound('web')
    const [volume] = await kube.list<{ metadata: object; spec: object }>(['pv'])
    t.match(volume, {
      metadata: { annotations: { 'pv.kubernetes.io/provisioned-by': 'cephflex/cephfs' } },
      spec: {
        capacity: { storage: '16Mi' },
        persistentVolumeReclaimPolicy: 'Delete',
        flexVolume: { driver: 'cephflex/cephfs', options: { mountOptions: 'noatime' } },
      },
    })
    await kube.running('web')
    const write = (size: number) =>
      kube.exec('web', `dd if=/dev/zero of=/data/file bs=1M count=${size} conv=fsync 2>&1`)
    const refused = await until('the quota is enforced', async () => {
      const { exitCode, stdout } = await write(64)
      return exitCode !== 0 && stdout
    })
    t.match(refused, /Disk quota exceeded/)
    await kube.exec('web', 'rm /data/file')
    const request = { spec: { resources: { requests: { storage: '80Mi' } } } }
    await kube.kubectl(['patch', 'pvc', 'web', '-p', JSON.stringify(request)])
    await until('the claim is expanded', async () => {
      const claim = (await kube.get('pvc', 'web')) as { status?: { capacity?: { storage: string } } }
      return claim.status?.capacity?.storage === '80Mi'
    })
    await event('web', 'VolumeResizeSuccessful')
    await until('the pod can write more', async () => (await write(64)).exitCode === 0)
    t.pass('in the same pod')
    await kube.deletePods('web')
    await remove('web')
    await eventually('nothing is left of it', NONE)
  })

  await kube.test('an unsupported claim gets an event, and nothing is created', async t => {
    await kube.apply(
      newClaim('picky', 'fast', { selector: { matchLabels: { a: 'b' } } }),
      newClaim('block', 'fast', { volumeMode: 'Block' }),
      newClass('wrong', { ...parameters, clamRoot: '/x' }),
      newClaim('typo', 'wrong'),
      newClass('keyless', { ...parameters, adminSecretName: 'none' }),
      newClaim('no-key', 'keyless'),
    )
    t.match((await event('picky', 'ProvisioningFailed')).message, /selector.*Hint: /)
    t.match((await event('block', 'ProvisioningFailed')).message, /volumeMode "Block"/)
    t.match((await event('typo', 'ProvisioningFailed')).message, /clamRoot.*did you mean/i)
    t.match((await event('no-key', 'ProvisioningFailed')).message, /EBADKEY.*cephflex\/none.*does not exist/)
    await remove('picky', 'block', 'typo', 'no-key')
    await eventually('nothing was created', NONE)
  })

  await kube.test('WaitForFirstConsumer, ReadOnlyMany, Retain', async t => {
    await kube.apply(
      newClaim('late', 'late'),
      newClaim('reader', 'fast', { accessModes: ['ReadOnlyMany'] }),
      newClaim('kept', 'kept'),
    )
    await kube.bound('reader', 'kept')
    t.equal((await kube.list(['pv'])).length, 2, 'one waits for its pod')
    // as a scheduler would
    await kube.kubectl(['annotate', 'pvc', 'late', `volume.kubernetes.io/selected-node=${NODE}`])
    await kube.bound('late')
    await kube.apply(pod('reader', claimed('reader')))
    await kube.running('reader')
    t.match(await kube.exec('reader', 'touch /data/no'), { exitCode: 1, stderr: /Read-only file system/ })
    await kube.deletePods('reader')
    await remove('late', 'reader', 'kept')
    await eventually('a retained volume is kept', {
      users: 1,
      directories: 1,
      volumes: 1,
      secrets: 1,
      claims: 0,
    })
    const [volume] = await kube.list<{ metadata: { name: string } }>(['pv'])
    const policy = { spec: { persistentVolumeReclaimPolicy: 'Delete' } }
    await kube.kubectl(['patch', 'pv', volume?.metadata.name ?? '', '-p', JSON.stringify(policy)])
    await eventually('until its policy is Delete', NONE)
  })

  await kube.test('the controller logs no key, and has metrics', async t => {
    t.strictSame(leaks(log(), kube.keys), [], 'its log contains no key')
    t.match(await leader.page('/metrics'), /cephflex_controller_operations_total\{operation="provision"/)
    t.equal(await leader.page('/healthz'), 'ok')
    leader.kill('SIGTERM')
    t.equal(await leader.ended, 0)
  })

  await leavesNothing()
})
