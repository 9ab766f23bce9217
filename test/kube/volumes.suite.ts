import { readdirSync } from 'node:fs'
import t from 'tap'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { runInstaller } from './support/driver.js'
import { claim, claimed, persistentVolume, pod } from './support/objects.js'
import { startScene } from './support/scene.js'

const QUOTA = 64 * 2 ** 20
const MANY = 20

t.test('volumes of pods under a real kubelet', async t => {
  recordTest(t, 'kube-volumes', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const { ceph, kube, driver, installed, inline, persistent, leavesNothing } = await startScene(t)
  await ceph.mkdir('/shared')
  await ceph.mkdir('/quota', { quotaBytes: QUOTA })
  await ceph.mkdir('/group')

  await kube.test('install.sh finds the running kubelet, and needs no restart of it', async t => {
    t.match(installed, new RegExp(`plugin directory: ${kube.pluginDir} \\(volumePluginDir in the config`))
    t.match(installed, /answers init/)
  })

  await kube.test('an inline volume is mounted, and unmounted when its pod goes', async t => {
    await kube.apply(pod('inline', inline({ path: '/shared' })))
    const [uid = ''] = await kube.running('inline')
    t.match(await kube.exec('inline', 'echo hello >/data/inline && cat /data/inline'), {
      exitCode: 0,
      stdout: 'hello',
    })
    t.match(kube.volumeMounts(uid), [
      { mountPoint: new RegExp(`/${uid}/volumes/cephflex~cephfs/data$`), fsType: 'fuse.ceph-fuse' },
    ])
    const refused = await runInstaller('--uninstall')
    t.equal(refused.exitCode, 1, 'the driver cannot be removed now')
    t.match(refused.all, `/${uid}/volumes/`, 'and it prints the reason')
    await kube.deletePods('inline')
  })

  await kube.test('two pods share a claim (ReadWriteMany), a third sees a subPath of it', async t => {
    await kube.apply(persistentVolume('shared', persistent({ path: '/shared' })), claim('shared'))
    await kube.bound('shared')
    await kube.apply(
      pod('one', claimed('shared')),
      pod('two', claimed('shared')),
      pod('sub', claimed('shared'), { subPath: 'made/below' }),
      pod('reader', claimed('shared', true)),
    )
    await kube.running('one', 'two', 'sub', 'reader')
    t.match(await kube.exec('one', 'echo from-one >/data/file; mkdir -p /data/made; sync'), { exitCode: 0 })
    t.match(await kube.exec('two', 'cat /data/file'), { stdout: 'from-one' }, 'the other sees it')
    t.match(await kube.exec('sub', 'echo deep >/data/deep'), { exitCode: 0 })
    t.match(
      await kube.exec('two', 'cat /data/made/below/deep'),
      { stdout: 'deep' },
      'the subPath is inside the claim',
    )
    t.match(await kube.exec('reader', 'cat /data/file'), { stdout: 'from-one' })
    t.match(
      await kube.exec('reader', 'touch /data/no'),
      { exitCode: 1, stderr: /Read-only file system/ },
      'the pod asked for its claim read-only',
    )
    const { options = [] } = kube.volumeMounts(await kube.uidOf('reader'))[0] ?? {}
    t.ok(options.includes('ro'), 'the mount itself is read-only, not only that of the container')
    await kube.deletePods('one', 'sub', 'reader')
    t.match(await kube.exec('two', 'cat /data/file'), { stdout: 'from-one' }, 'it keeps its volume')
    await kube.deletePods('two')
  })

  await kube.test('inline readOnly is honoured; the kubelet ignores that of a PersistentVolume', async t => {
    await kube.apply(persistentVolume('own-ro', persistent({ path: '/shared' }, true)), claim('own-ro'))
    await kube.bound('own-ro')
    await kube.apply(pod('inline-ro', inline({ path: '/shared' }, true)), pod('own-ro', claimed('own-ro')))
    await kube.running('inline-ro', 'own-ro')
    t.match(await kube.exec('inline-ro', 'touch /data/no'), { exitCode: 1, stderr: /Read-only file system/ })
    t.match(await kube.exec('own-ro', 'touch /data/yes'), { exitCode: 0 }, 'the pod can write')
    await kube.deletePods('inline-ro', 'own-ro')
  })

  await kube.test('a pod that is not root writes with fsGroupPolicy root, and not without', async t => {
    const options = { fsGroup: 2000, runAsUser: 1000 }
    await kube.apply(pod('no-group', inline({ path: '/group' }), options))
    await kube.running('no-group')
    t.match(await kube.exec('no-group', 'touch /data/no'), { exitCode: 1, stderr: /Permission denied/ })
    await kube.deletePods('no-group')
    await kube.apply(pod('group', inline({ path: '/group', fsGroupPolicy: 'root' }), options))
    await kube.running('group')
    t.match(await kube.exec('group', 'touch /data/yes && stat -c "%u %g" /data/yes && stat -c %g /data'), {
      exitCode: 0,
      stdout: '1000 2000\n2000',
    })
    await kube.deletePods('group')
  })

  await kube.test("the kubelet's metrics show the quota as capacity", async t => {
    await kube.apply(pod('metrics', inline({ path: '/quota' })))
    await kube.running('metrics')
    await kube.exec('metrics', 'dd if=/dev/zero of=/data/used bs=1M count=8 && sync')
    const volume = await until('8 MiB are in the statistics of the volume', async () => {
      const { pods } = await kube.kubelet.summary()
      const ours = pods.find(({ podRef }) => podRef.name === 'metrics')
      return ours?.volume?.find(({ name, usedBytes = 0 }) => name === 'data' && usedBytes >= 8 * 2 ** 20)
    })
    t.equal(volume.capacityBytes, QUOTA)
    await kube.deletePods('metrics')
  })

  await kube.test(`${MANY} pods at once`, async t => {
    const names = Array.from({ length: MANY }, (_, index) => `many-${index}`)
    await kube.apply(...names.map(name => pod(name, inline({ path: '/shared' }))))
    const uids = await kube.running(...names)
    t.equal(new Set(uids).size, MANY, 'all run')
    t.equal(kube.volumeMounts().filter(({ fsType }) => fsType === 'fuse.ceph-fuse').length, MANY)
    await kube.deletePods(...names)
    // the last unmount call waits for the client
    t.ok(await until('nothing of them is left', () => driver.leftovers().files.length === 0))
  })

  await leavesNothing()

  await kube.test('install.sh removes the driver', async t => {
    // otherwise mounts on this machine that are not of this kubelet would prevent it
    t.match(await runInstaller('--uninstall', '--force'), { exitCode: 0 })
    t.strictSame(readdirSync(kube.pluginDir), [], 'the plugin directory is empty, as before')
  })
})
