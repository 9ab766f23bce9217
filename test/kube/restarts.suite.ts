import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { signal } from '../lab/signal.js'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { runInstaller } from './support/driver.js'
import { evictClients, recoverAll } from './support/lost-clients.js'
import { pod } from './support/objects.js'
import { otherBuild } from './support/other-build.js'
import { startScene } from './support/scene.js'

t.test('what restarts, dies or is replaced under running pods', async t => {
  recordTest(t, 'kube-restarts', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const { ceph, kube, driver, driverLog, inline, leavesNothing } = await startScene(t, {
    config: { recovery: true },
  })
  // for a minute, others must wait for the caps of a killed client
  for (const path of ['/data', '/killed', '/cut-off', '/recovered']) await ceph.mkdir(path)
  await ceph.writeFile('/data/file', 'content')
  const volume = inline({ path: '/data' })
  const calls = (call: string, uid: string) =>
    driverLog().filter(line => line.event === 'call' && line.call === call && line.target?.includes(uid))
  const reads = async (t: Test, name: string, what: string) =>
    t.match(await kube.exec(name, 'cat /data/file'), { exitCode: 0, stdout: 'content' }, what)
  const isOneMount = (t: Test, uid: string) =>
    t.equal(kube.volumeMounts(uid).length, 1, 'exactly one mount for it')

  await kube.test('the kubelet is restarted: pods keep their mount, the driver is not called', async t => {
    await kube.apply(pod('restarted', volume))
    const [uid = ''] = await kube.running('restarted')
    const before = kube.volumeMounts(uid)
    await kube.kubelet.stop()
    await kube.kubelet.start()
    await kube.apply(pod('newcomer', volume))
    await kube.running('restarted', 'newcomer')
    await reads(t, 'restarted', 'the pod still reads')
    t.strictSame(kube.volumeMounts(uid), before, 'it is the same mount, once')
    t.equal(calls('mount', uid).length, 1)
    await kube.deletePods('restarted', 'newcomer')
  })

  await kube.test(
    'the kubelet is killed, and pods are deleted by force meanwhile: all volumes are unmounted',
    async t => {
      const names = ['forced', 'gone', 'stays']
      await kube.apply(...names.map(name => pod(name, volume)))
      const uids = await kube.running(...names)
      const stays = await kube.uidOf('stays')
      const deleted = uids.filter(uid => uid !== stays)
      await kube.kubelet.kill()
      await kube.kubectl(['delete', 'pod', '--force', '--grace-period=0', 'forced', 'gone'])
      t.equal(
        deleted.flatMap(uid => kube.volumeMounts(uid)).length,
        2,
        'nothing is unmounted without a kubelet',
      )
      await kube.kubelet.start()
      await kube.unmounted(...deleted)
      await reads(t, 'stays', 'the pod that was not deleted still reads')
      isOneMount(t, stays)
      await kube.deletePods('stays')
    },
  )

  await kube.test('the kubelet is killed in the middle of a mount: still one mount', async t => {
    await ceph.ctl('mds', 'pause')
    await kube.apply(pod('stuck', volume))
    const uid = await kube.uidOf('stuck')
    await until('ceph-fuse is started for it', () => kube.clients().length > 0)
    await kube.kubelet.kill()
    t.not(kube.clients().length, 0, 'the call continues')
    await kube.kubelet.start()
    await until('the new kubelet calls the driver too', () => calls('mount', uid).length > 1)
    await ceph.ctl('mds', 'resume')
    await kube.running('stuck')
    await reads(t, 'stuck', 'the pod reads')
    isOneMount(t, uid)
    t.equal(kube.clients(uid).length, 1, 'one client')
    await kube.deletePods('stuck')
  })

  await kube.test('the driver is upgraded: the new one unmounts what the old one mounted', async t => {
    await kube.apply(pod('old', volume))
    const [uid = ''] = await kube.running('old')
    const binary = `${driver.dir}/cephflex-new`
    await otherBuild('99.0.0', binary)
    t.match(await runInstaller('--binary', binary), { exitCode: 0, all: /write .* with one rename/ })
    const installed = `${kube.pluginDir}/cephflex~cephfs/cephfs`
    t.equal((await execa('cmp', [binary, installed], { reject: false })).exitCode, 0, 'it is the other build')
    await reads(t, 'old', 'the old mount still works')
    await kube.apply(pod('new', volume))
    await kube.running('new')
    await reads(t, 'new', 'the new driver mounts')
    isOneMount(t, uid)
    await kube.deletePods('old', 'new')
    t.ok(calls('unmount', uid).length > 0, 'it was the driver that unmounted it')
  })

  await kube.test('ceph-fuse is killed under a running pod: the pod can be deleted', async t => {
    await kube.apply(pod('orphan', inline({ path: '/killed' })))
    const [uid = ''] = await kube.running('orphan')
    for (const pid of kube.clients(uid)) signal(pid, 'SIGKILL')
    t.match(await kube.exec('orphan', 'ls /data'), { exitCode: 1, stderr: /not connected/ })
    await kube.deletePods('orphan')
    t.strictSame(driver.leftovers().mounts, [])
    // the kubelet's statistics of a dead mount must not block it
    await delay(1_000)
    await kube.apply(pod('after', volume))
    await kube.running('after')
    await kube.deletePods('after')
  })

  await kube.test(
    'ceph-fuse is killed: "recover" mounts the volume again under the running pods',
    async t => {
      const source = inline({ path: '/recovered' })
      await kube.apply(pod('sees', source, { propagates: true }), pod('blind', source))
      const [sees, blind] = [await kube.uidOf('sees'), await kube.uidOf('blind')]
      await kube.running('sees', 'blind')
      // one if the pods share it
      for (const pid of new Set([sees, blind].flatMap(kube.clients))) signal(pid, 'SIGKILL')
      for (const name of ['sees', 'blind'])
        t.match(await kube.exec(name, 'ls /data'), { exitCode: 1, stderr: /not connected/ })
      await evictClients(ceph)
      const found = await recoverAll(kube, driver)
      const of = (uid: string) => found.find(({ target }) => target.includes(uid))
      t.equal(found.length, 2, 'both are found')
      t.match(of(sees), { was: 'dead', outcome: 'recovered', restart: false, pod: { name: 'sees' } })
      t.match(of(blind), {
        outcome: 'recovered',
        restart: true,
        pod: { namespace: 'default', name: 'blind' },
      })
      t.match(await kube.exec('sees', 'echo again >/data/file && cat /data/file'), {
        exitCode: 0,
        stdout: 'again',
      })
      t.match(await kube.exec('blind', 'ls /data'), { exitCode: 1, stderr: /not connected/ })
      t.equal(calls('mount', sees).length, 1, 'the kubelet made no other call')
      await kube.deletePods('sees', 'blind')
      t.strictSame(driver.leftovers().mounts, [], 'the kubelet unmounts both, the new and the dead mount')
    },
  )

  await kube.test('the whole cluster dies under a running pod: the pod can be deleted', async t => {
    await kube.apply(pod('cut-off', inline({ path: '/cut-off' })))
    await kube.running('cut-off')
    // The kubelet calls stat(2) before it calls a driver. Only a client with a cached answer can give it now: without
    // it the kubelet waits in the kernel, until the cluster is back, and no driver can do anything about it.
    t.match(await kube.exec('cut-off', 'stat /data && ls /data'), { exitCode: 0 })
    for (const daemon of ['mds', 'osd', 'mon'] as const) await ceph.ctl(daemon, 'kill')
    const uid = await kube.uidOf('cut-off')
    await kube.kubectl(['delete', 'pod', '--wait=false', 'cut-off'])
    await until('its volume is unmounted, and no state is left', () =>
      [kube.volumeMounts(uid), driver.leftovers().files].every(left => left.length === 0),
    )
    // ceph-fuse may run until it has closed its session: written data must not be lost
    for (const daemon of ['mon', 'osd', 'mds'] as const) await ceph.ctl(daemon, 'run')
    await kube.unmounted(uid)
  })

  await leavesNothing()
})
