// The kubelet or the client is killed, while pods of one volume share one ceph-fuse.

import t from 'tap'
import { signal } from '../lab/signal.js'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { evictClients, recoverAll } from './support/lost-clients.js'
import { pod } from './support/objects.js'
import { sharingPods } from './support/sharing.js'

t.test('what is killed under pods that share one ceph-fuse', async t => {
  recordTest(t, 'kube-sharing-failures', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const { ceph, kube, driver, driverLog, inline, data, started, says, clientOf, leavesNothing } =
    await sharingPods(t)
  const mountCalls = (uid: string) =>
    driverLog().filter(
      ({ event, call, target }) => `${event} ${call}` === 'call mount' && target?.includes(uid),
    )
  /** How often ceph-fuse was started, or tried to. The log has it when it is mounted. */
  const starts = () =>
    driverLog().filter(({ event, argv }) => event === 'run' && argv?.[0] === 'ceph-fuse').length

  await kube.test('the kubelet is killed between two mounts, and between two unmounts', async t => {
    await started(data, 'first')
    const pid = await clientOf(t, 'first')
    const before = kube.volumeMounts()
    await kube.kubelet.kill()
    await kube.apply(pod('second', data))
    await kube.kubelet.start()
    await kube.running('first', 'second')
    t.equal(await clientOf(t, 'first', 'second'), pid, 'the second pod has the client of the first')
    const uid = await kube.uidOf('second')
    t.strictSame(kube.volumeMounts(await kube.uidOf('first')), before, 'whose mount is the same')
    for (const name of ['first', 'second']) await says(t, name, 'cat /data/file', 'content')
    await kube.deletePods('first')
    await says(t, 'second', 'cat /data/file', 'content')
    await kube.kubelet.kill()
    await kube.kubectl(['delete', 'pod', '--force', '--grace-period=0', 'second'])
    t.strictSame(kube.clients(), [pid], 'nothing is unmounted without a kubelet')
    await kube.kubelet.start()
    await kube.unmounted(uid)
    t.ok(await until('the last one ends it', () => kube.clients().length === 0))
  })

  await kube.test('the kubelet is killed while two pods wait for their client', async t => {
    const names = ['starts', 'waits']
    await ceph.ctl('mds', 'pause')
    await kube.apply(...names.map(name => pod(name, data)))
    const uids = await Promise.all(names.map(kube.uidOf))
    const before = starts()
    await until('ceph-fuse is started', () => kube.clients().length > 0)
    const [pid = 0] = kube.clients()
    await kube.kubelet.kill()
    t.ok(kube.clients().includes(pid), 'the call continues')
    await kube.kubelet.start()
    await until('the new kubelet calls the driver too', () => uids.some(uid => mountCalls(uid).length > 1))
    await ceph.ctl('mds', 'resume')
    await kube.running(...names)
    await clientOf(t, ...names)
    t.equal(starts() - before, 1, 'it was started once')
    for (const uid of uids) t.equal(kube.volumeMounts(uid).length, 1, 'exactly one mount for each')
    for (const name of names) await says(t, name, 'cat /data/file', 'content')
    await kube.deletePods(...names)
    t.strictSame(kube.clients(), [])
  })

  await kube.test('the kubelet is killed while the last unmount waits for the client', async t => {
    await started(data, 'early', 'late')
    const pid = await clientOf(t, 'early', 'late')
    const late = await kube.uidOf('late')
    await kube.deletePods('early')
    await ceph.ctl('mds', 'pause')
    await kube.kubectl(['delete', 'pod', '--wait=false', 'late'])
    await until('its target is unmounted', () => kube.volumeMounts(late).length === 0)
    t.strictSame(kube.clients(), [pid], 'the client cannot close its session')
    await kube.kubelet.kill()
    await kube.kubelet.start()
    await ceph.ctl('mds', 'resume')
    await kube.unmounted(late)
    t.ok(await until('no state is left', () => driver.leftovers().files.length === 0))
  })

  await kube.test('the client is killed under five pods: "recover" starts it once', async t => {
    await ceph.mkdir('/recovered')
    const source = inline({ path: '/recovered' })
    const [ro, ...rw] = ['five-0', 'five-1', 'five-2', 'five-3', 'five-4'] as const
    await kube.apply(
      pod(ro, inline({ path: '/recovered' }, true), { propagates: true }),
      ...rw.map(name => pod(name, source, { propagates: true })),
    )
    await kube.running(ro, ...rw)
    const old = await clientOf(t, ro, ...rw)
    signal(old, 'SIGKILL')
    for (const name of [ro, ...rw])
      t.match(await kube.exec(name, 'ls /data'), { exitCode: 1, stderr: /not connected/ })
    await evictClients(ceph)
    const report = await recoverAll(kube, driver)
    t.strictSame(
      report.map(({ pod, was, outcome, restart }) => [pod.name, was, outcome, restart]).sort(),
      [ro, ...rw].map(name => [name, 'dead', 'recovered', false]),
      'the report lists every pod',
    )
    const pid = await clientOf(t, ro, ...rw)
    t.not(pid, old)
    for (const name of rw) await says(t, name, `echo ${name} >/data/${name} && cat /data/${name}`, name)
    await says(t, ro, 'cat /data/five-*', rw.join('\n'))
    t.match(await kube.exec(ro, 'touch /data/no'), { exitCode: 1, stderr: /Read-only file system/ })
    await started(source, 'new-1', 'new-2')
    t.equal(await clientOf(t, ro, ...rw, 'new-1', 'new-2'), pid, 'new pods have the same client')
    await says(t, 'new-1', 'cat /data/five-1', 'five-1')
    await kube.deletePods(ro, ...rw, 'new-1')
    t.strictSame(kube.clients(), [pid])
    await says(t, 'new-2', 'echo on >/data/on && cat /data/on', 'on')
    await kube.deletePods('new-2')
    t.ok(await until('the last one ends it', () => kube.clients().length === 0))
  })

  await leavesNothing()
})
