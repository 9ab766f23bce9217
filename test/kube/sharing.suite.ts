// Pods of one volume share one ceph-fuse, with a real kubelet.
import t from 'tap'
import { until } from '../lab/until.js'
import { recordTest, thisArch } from '../records/record-compat.js'
import { IS_FULL } from '../support/is-full.js'
import { pod } from './support/objects.js'
import { sharingPods } from './support/sharing.js'

/** How many pods of one volume. The kubelet's own limit is 110. */
/** A hundred pods take the kubelet three minutes. */
const COUNTS = IS_FULL ? [2, 20, 100] : [2, 40]

const ORDERS = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']

t.test('pods that share one ceph-fuse', async t => {
  recordTest(t, 'kube-sharing', {
    area: 'kubelet',
    subject: 'Kubernetes',
    version: '1.20',
    arch: thisArch(),
  })
  const { ceph, kube, driver, inline, data, started, says, clientOf, leavesNothing } = await sharingPods(t)
  const optionsOf = async (name: string) => kube.volumeMounts(await kube.uidOf(name))[0]?.options ?? []

  for (const count of COUNTS)
    await kube.test(`${count} pods`, async t => {
      const path = `/pods-${count}`
      await ceph.mkdir(path)
      const names = Array.from({ length: count }, (_, i) => `p${count}-${i}`)
      const [first = '', last = ''] = [names[0], names.at(-1)]
      const writes = (name: string) => pod(name, inline({ path }), { first: `echo ${name} >/data/${name}` })
      const begin = performance.now()
      await kube.apply(...names.map(writes))
      await kube.running(...names)
      t.comment(`${count} pods run after ${Math.round((performance.now() - begin) / 1_000)} s`)
      const clients = kube.clients()
      t.equal(clients.length, 1, 'one ceph-fuse on the node')
      const mounts = kube.volumeMounts()
      t.equal(mounts.length, count, 'one mount for each')
      t.equal(new Set(mounts.map(({ device }) => device)).size, 1, 'of one file system')
      const seenBy = async (name: string) => Number((await kube.exec(name, 'cat /data/* | wc -l')).stdout)
      for (const name of [first, last])
        t.ok(await until(`${name} sees what each has written`, async () => (await seenBy(name)) === count))
      await kube.deletePods(...names.slice(0, -1))
      t.strictSame(kube.clients(), clients, 'the last pod keeps it')
      await says(t, last, `echo on >/data/on && cat /data/on /data/${first}`, `on\n${first}`)
      await kube.deletePods(last)
      t.ok(await until('the last one ends it', () => kube.clients().length === 0))
      // the last unmount call waits for the client
      t.ok(await until('nothing of them is left', () => driver.leftovers().files.length === 0))
    })

  for (const [index, order] of ['the first', 'the last'].entries())
    await kube.test(`${order} pod is read-only, and another may not execute`, async t => {
      const [ro, noexec, rw] = [`ro-${index}`, `noexec-${index}`, `rw-${index}`]
      const pods = [
        pod(ro, inline({ path: '/data' }, true)),
        pod(noexec, inline({ path: '/data', mountOptions: 'noexec' })),
        pod(rw, data),
      ]
      for (const each of order === 'the first' ? pods : pods.reverse()) {
        await kube.apply(each)
        await kube.running(each.metadata.name)
      }
      await clientOf(t, ro, rw, noexec)
      await says(t, rw, 'echo "echo executed" >/data/program && chmod 755 /data/program', '')
      await says(t, rw, '/data/program', 'executed')
      await says(t, ro, '/data/program', 'executed')
      t.match(await kube.exec(ro, 'touch /data/no'), { exitCode: 1, stderr: /Read-only file system/ })
      t.match(await kube.exec(noexec, '/data/program'), { exitCode: 126, stderr: /Permission denied/ })
      await says(t, noexec, 'echo new >/data/new', '')
      await says(t, ro, 'cat /data/new', 'new')
      t.match([await optionsOf(ro), await optionsOf(noexec)], [/\bro\b/, /\bnoexec\b/])
      t.notMatch(await optionsOf(rw), /\b(ro|noexec)\b/)
      await kube.deletePods(ro, rw, noexec)
      t.strictSame(kube.clients(), [])
    })

  await kube.test('a pod with a subPath keeps the client', async t => {
    await kube.apply(pod('sub', data, { subPath: 'made/below' }), pod('whole', data))
    await kube.running('sub', 'whole')
    const pid = await clientOf(t, 'sub', 'whole')
    await says(t, 'sub', 'echo deep >/data/deep', '')
    await says(t, 'whole', 'cat /data/made/below/deep', 'deep')
    await kube.deletePods('whole')
    t.strictSame(kube.clients(), [pid])
    await says(t, 'sub', 'echo more >>/data/deep && cat /data/deep', 'deep\nmore')
    await kube.deletePods('sub')
    t.ok(await until('its own bind mount does not keep it longer', () => kube.clients().length === 0))
  })

  await kube.test('three pods are deleted in every order', async t => {
    const nameOf = (order: string, letter: string) => `${order}-${letter}`
    for (const order of ORDERS) await ceph.mkdir(`/${order}`)
    const start = (order: string) =>
      started(inline({ path: `/${order}` }), ...['a', 'b', 'c'].map(letter => nameOf(order, letter)))
    await Promise.all(ORDERS.map(start))
    t.equal(kube.clients().length, ORDERS.length, 'a client for each volume')
    const isWhole = async (order: string, left: readonly string[]) => {
      if (left.length > 0) await clientOf(t, ...left.map(letter => nameOf(order, letter)))
      for (const letter of left)
        await says(t, nameOf(order, letter), `echo ${left} >/data/x && cat /data/x`, `${left}`)
    }
    for (const step of [0, 1, 2]) {
      await kube.deletePods(...ORDERS.map(order => nameOf(order, order[step] ?? '')))
      await Promise.all(ORDERS.map(order => isWhole(order, [...order.slice(step + 1)])))
    }
    t.ok(await until('no client is left', () => kube.clients().length === 0))
  })

  await leavesNothing()
})
