import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { shareNode } from '../../lab/namespace.js'
import { NOTHING } from '../../lab/node.js'
import { sharingScene } from '../../lab/sharing.js'
import { base64, KEY } from '../../support/volumes.js'

const SUCCESS = { status: 'Success' }
const READ_ONLY = { 'kubernetes.io/readwrite': 'ro' }

t.test('pods of one volume share one ceph-fuse', async t => {
  const scene = await sharingScene(t)
  const { cluster, node, admin, clients, places, optionsOf, pods } = scene
  const [a = '', b = '', c = ''] = pods(3)
  const mounted = async (target: string, options: Record<string, string>) =>
    t.strictSame((await node.mount(target, options)).reply, SUCCESS, 'mounts')
  const unmounted = async (target: string) =>
    t.strictSame((await node.unmount(target)).reply, SUCCESS, 'unmounts')

  for (const order of [
    [a, b],
    [b, a],
  ])
    await t.test(
      `two pods, unmounted in the order ${order.map(target => (target === a ? 1 : 2))}`,
      async t => {
        await mounted(a, admin)
        const [pid] = await clients()
        await mounted(b, admin)
        t.strictSame(await clients(), [pid], 'one ceph-fuse')
        writeFileSync(`${a}/name`, 'written by the first')
        t.equal(readFileSync(`${b}/name`, 'utf8'), 'written by the first', 'the second reads it')
        t.equal(node.mountsOn(a)[0]?.device, node.mountsOn(b)[0]?.device, 'both have one device')
        const [first = '', last = ''] = order
        await unmounted(first)
        t.strictSame(await clients(), [pid], 'the other pod keeps it')
        t.equal(readFileSync(`${last}/name`, 'utf8'), 'written by the first')
        await unmounted(last)
        t.strictSame(await clients(), [], 'the last one ends it')
        t.strictSame(node.leftovers(), NOTHING, 'nothing is left')
      },
    )

  for (const [first, second] of [
    ['ro', 'rw'],
    ['rw', 'ro'],
  ] as const)
    await t.test(`a pod with ${second} after one with ${first}`, async t => {
      const options = (access: 'ro' | 'rw') => ({ ...admin, ...(access === 'ro' ? READ_ONLY : {}) })
      await mounted(a, options(first))
      await mounted(b, options(second))
      t.equal((await clients()).length, 1, 'one ceph-fuse')
      const readOnly = first === 'ro' ? a : b
      const writable = first === 'ro' ? b : a
      t.ok(optionsOf(readOnly).includes('ro'), 'the mount table shows ro')
      t.ok(optionsOf(writable).includes('rw'), 'and rw')
      t.throws(() => writeFileSync(`${readOnly}/x`, 'x'), { code: 'EROFS' }, 'one cannot write')
      writeFileSync(`${writable}/x`, first)
      t.equal(readFileSync(`${readOnly}/x`, 'utf8'), first, 'and reads what the other has written')
      await mounted(a, options(first))
      t.equal(node.mountsOn(a).length, 1, 'a second call changes nothing')
      await unmounted(a)
      await unmounted(b)
      t.strictSame(node.leftovers(), NOTHING, 'nothing is left')
    })

  await t.test('options that the kernel keeps for each mount', async t => {
    await mounted(a, { ...admin, mountOptions: 'noexec,noatime' })
    await mounted(b, { ...admin, mountOptions: 'exec' })
    await mounted(c, admin)
    t.equal((await clients()).length, 1, 'one ceph-fuse')
    for (const option of ['noexec', 'noatime', 'nosuid', 'nodev', 'rw'])
      t.ok(optionsOf(a).includes(option), `${option} is set`)
    for (const target of [b, c]) {
      t.notOk(optionsOf(target).includes('noexec'), 'programs can be executed beside it')
      t.notOk(optionsOf(target).includes('noatime'))
      for (const option of ['nosuid', 'nodev']) t.ok(optionsOf(target).includes(option), `${option} is set`)
    }
    for (const target of [b, a, c]) await unmounted(target)
    t.strictSame(node.leftovers(), NOTHING)
  })

  await t.test('what belongs to the file system has a client of its own', async t => {
    await cluster.mkdir('/one')
    await cluster.mkdir('/two')
    const web = await scene.userFor('web', '/web')
    const others: Record<string, string>[] = [
      { ...admin, path: '/one' },
      { ...admin, path: '/two' },
      { ...admin, path: '/one', fuseOptions: 'client_oc_size=104857600' },
      { ...admin, path: '/one', mountOptions: 'sync' },
      { ...admin, path: '/one', fsName: 'cephfs' },
      { ...web },
    ]
    const targets = pods(others.length, 'other')
    for (const [i, options] of others.entries()) await mounted(targets[i] ?? '', options)
    t.equal((await clients()).length, others.length)
    t.equal(new Set(places()).size, others.length)
    for (const target of targets) await unmounted(target)
    t.strictSame(node.leftovers(), NOTHING)
  })

  await t.test('the order of the monitors does not matter, nor their number', async t => {
    const both = `${cluster.monitors},${cluster.monitorsV2}`
    const swapped = `${cluster.monitorsV2},${cluster.monitors},${cluster.monitorsV2}`
    await mounted(a, { ...admin, monitors: both })
    await mounted(b, { ...admin, monitors: swapped })
    t.equal((await clients()).length, 1)
    for (const target of [a, b]) await unmounted(target)
  })

  await t.test('a key that changed under running pods', async t => {
    const old = await scene.userFor('rotated', '/rotated')
    await mounted(a, old)
    await cluster.command({ prefix: 'auth rm', entity: 'client.rotated' })
    const current = await scene.userFor('rotated', '/rotated')
    await mounted(b, current)
    t.equal((await clients()).length, 2, 'the new key has a client of its own')
    writeFileSync(`${a}/old`, 'x')
    t.equal(readFileSync(`${b}/old`, 'utf8'), 'x', 'the pod with the old key goes on')
    const refused = await node.mount(c, old)
    t.equal(refused.reply.status, 'Success', 'a pod with the old key uses the session that it opened')
    for (const target of [a, b, c]) await unmounted(target)
    t.match((await node.mount(c, old)).reply, { status: 'Failure', message: /EREFUSED/ }, 'and then no more')
    t.strictSame(node.leftovers().mounts, [])
  })

  await t.test('20 pods at once', async t => {
    const targets = pods(20, 'many')
    const replies = await Promise.all(targets.map(target => node.mount(target, admin)))
    for (const { reply } of replies) t.strictSame(reply, SUCCESS)
    t.equal((await clients()).length, 1, 'one ceph-fuse')
    for (const target of targets) t.ok(existsSync(`${target}/name`), 'each has the volume')
    for (const { reply } of await Promise.all(targets.map(node.unmount))) t.strictSame(reply, SUCCESS)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('20 pods at once with a wrong key', async t => {
    const targets = pods(20, 'wrong')
    const before = node.log().length
    const wrong = { ...admin, 'kubernetes.io/secret/key': base64(KEY) }
    const replies = await Promise.all(targets.map(target => node.mount(target, wrong)))
    for (const { reply } of replies) t.match(reply, { status: 'Failure', message: /EREFUSED/ })
    const starts = node
      .log()
      .slice(before)
      .split('\n')
      .filter(line => /"argv":\["ceph-fuse"/.test(line))
    t.ok(starts.length <= 6, `not one login for each: ${starts.length}`)
    const { mounts, processes } = await node.settled()
    t.strictSame({ mounts, processes }, { mounts: [], processes: [] })
    t.notOk(node.log().includes(KEY), 'no key in the log')
  })

  await t.test('a user that may only read', async t => {
    await cluster.mkdir('/public')
    await cluster.writeFile('/public/name', 'public')
    const caps = { mon: 'allow r', mds: 'allow r path="/public"', osd: 'allow r' }
    const key = base64(await cluster.addUser('reader', caps))
    const reader = { ...admin, user: 'reader', path: '/public', 'kubernetes.io/secret/key': key }
    await mounted(a, { ...reader, ...READ_ONLY })
    t.equal(readFileSync(`${a}/name`, 'utf8'), 'public')
    await mounted(b, reader)
    t.throws(() => writeFileSync(`${b}/x`, 'x'), 'and a pod that tries cannot write')
    t.equal((await clients()).length, 1)
    for (const target of [a, b]) await unmounted(target)
  })

  await t.test('clientSharing: pod', async t => {
    await mounted(a, { ...admin, clientSharing: 'pod' })
    await mounted(b, { ...admin, clientSharing: 'pod' })
    await mounted(c, admin)
    t.equal((await clients()).length, 3, 'each has its own, beside one to share')
    t.equal(places().length, 1)
    for (const target of [a, b, c]) await unmounted(target)
    t.strictSame(await clients(), [])
  })
})

t.test('the run directory is visible at another path, too', async t => {
  const { node, admin, clients, pods } = await sharingScene(t)
  await shareNode(t, node)
  const copy = `${node.dir}-copy`
  mkdirSync(copy)
  await execa('mount', ['--bind', node.dir, copy])
  t.teardown(async () => {
    await execa('umount', ['-R', '-l', copy], { reject: false })
    rmdirSync(copy)
  })
  const [a = '', b = ''] = pods(2)
  for (const target of [a, b]) t.strictSame((await node.mount(target, admin)).reply, SUCCESS)
  for (const target of [a, b]) t.strictSame((await node.unmount(target)).reply, SUCCESS)
  t.strictSame(await clients(), [], 'a copy of its mount is no target')
})
