// An upgrade from the last release without sharing, and a downgrade to it, under mounted volumes. That release is real.

import { readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { NOTHING } from '../../lab/node.js'
import { previousRelease } from '../../lab/previous-release.js'
import { sharingScene } from '../../lab/sharing.js'
import { signal } from '../../lab/signal.js'
import { until } from '../../lab/until.js'
import { cephflex, PROGRAM } from '../../support/cli.js'

const SUCCESS = { status: 'Success' }
const READ_ONLY = { 'kubernetes.io/readwrite': 'ro' }

type Row = { target: string; health: string; pid?: number; targets?: number }
type Done = { target: string; outcome: string }
type Release = 'new' | 'old'

async function releases(t: Test) {
  const scene = await sharingScene(t, { recovery: true })
  const { node, admin } = scene
  const programs = { new: PROGRAM, old: previousRelease(t) }
  const start = (release: Release, ...args: string[]) => node.start(args, programs[release])
  const call = (release: Release, ...args: string[]) => node.finish(start(release, ...args))
  const json = async <T extends { target: string }>(release: Release, ...args: string[]) => {
    const run = await cephflex([...args, '--json'], { env: node.environment, program: programs[release] })
    t.equal(run.err, '', `${release} ${args[0]} has no complaint`)
    // another test may have a kubelet on this machine, whose mounts belong to this driver, too
    return (JSON.parse(run.out) as T[]).filter(({ target }) => target.startsWith(`${node.dir}/`))
  }
  return {
    ...scene,
    start,
    status: (release: Release) => json<Row>(release, 'status'),
    recover: (release: Release) => json<Done>(release, 'recover'),
    reap: (release: Release) => json<Done>(release, 'reap'),
    mount: async (release: Release, target: string, options: Record<string, string> = {}) => {
      const { reply } = await call(release, 'mount', target, JSON.stringify({ ...admin, ...options }))
      t.strictSame(reply, SUCCESS, `${release} mounts`)
      t.equal(node.mountsOn(target).length, 1, 'once')
    },
    unmount: async (release: Release, target: string) => {
      const { reply } = await call(release, 'unmount', target)
      t.strictSame(reply, SUCCESS, `${release} unmounts`)
      t.notMatch(node.log(), '"lingers"', 'and does not wait five seconds for a client that stays')
      t.strictSame(node.mountsOn(target), [])
    },
    /** Whether a pod can use its volume. */
    works: (target: string) => {
      writeFileSync(`${target}/file`, target)
      t.equal(readFileSync(`${target}/file`, 'utf8'), target, 'a pod can write and read')
    },
  }
}

t.test('upgrade', async t => {
  const { cluster, node, admin, clients, places, pods, evictAll, ...both } = await releases(t)
  const { start, mount, unmount, status, recover, works } = both
  const [a = '', b = '', c = '', d = ''] = pods(4)

  await t.test('a mount of the old release stays as it is beside a client that new pods share', async t => {
    await mount('old', a)
    await mount('old', b, READ_ONLY)
    const before = [a, b].flatMap(node.mountsOn)
    const old = await clients()
    t.equal(old.length, 2, 'each has a client of its own')
    t.match(await status('new'), [
      { target: a, health: 'healthy', targets: 1 },
      { target: b, health: 'healthy', targets: 1 },
    ])
    await mount('new', a)
    await mount('new', b, READ_ONLY)
    t.strictSame(await clients(), old, 'a repeated call changes nothing')
    t.strictSame([a, b].flatMap(node.mountsOn), before)
    t.strictSame(await recover('new'), [], 'there is nothing to recover')
    for (const { outcome } of await both.reap('new')) t.equal(outcome, 'kept', 'nor to reap')

    await mount('new', c)
    await mount('new', d, READ_ONLY)
    t.equal((await clients()).length, 3, 'new pods share one')
    t.equal(places().length, 1)
    works(c)
    works(a)
    t.equal(readFileSync(`${b}/file`, 'utf8'), a, 'all have one volume')
    t.equal(readFileSync(`${d}/file`, 'utf8'), a)
    for (const target of [b, d]) t.throws(() => writeFileSync(`${target}/x`, ''), { code: 'EROFS' })

    const [row] = await status('new')
    await unmount('new', a)
    const left = await clients()
    t.equal(left.length, 2, 'the client of an old mount ends with it')
    t.notOk(left.includes(row?.pid ?? 0))
    works(c)
    for (const target of [c, d]) await unmount('new', target)
    t.equal((await clients()).length, 1)
    t.equal(readFileSync(`${b}/file`, 'utf8'), c, 'and only then')
    await unmount('new', b)
    t.strictSame(node.leftovers(), NOTHING, 'nothing is left')
  })

  await t.test('the driver is replaced while the old one mounts: the new one waits for its lock', async t => {
    await cluster.ctl('mds', 'pause')
    const old = start('old', 'mount', a, JSON.stringify(admin))
    await until('its client runs', async () => (await clients()).length > 0)
    const logged = (event: string) =>
      [...node.log().matchAll(/"pid":(\d+).*"event":"(\w+)"/g)].filter(found => found[2] === event)
    const done = logged('done').length
    const begun = logged('call').length
    const calls = [start('new', 'mount', a, JSON.stringify(admin)), start('new', 'unmount', a)]
    await until('both new calls have begun', () => logged('call').length === begun + 2)
    await cluster.ctl('mds', 'resume')
    for (const call of [old, ...calls]) t.strictSame((await node.finish(call)).reply, SUCCESS)
    t.equal(logged('done')[done]?.[1], String(old.pid), 'the old call ended first')
    // the order of the two that waited is not defined
    await unmount('new', a)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('the client of an old mount dies', async t => {
    await mount('old', a)
    await mount('old', b)
    for (const pid of await clients()) signal(pid, 'SIGKILL')
    await evictAll()
    await mount('new', a)
    t.equal(places().length, 1, 'a mount call replaces it with a client to share')
    t.match(await recover('new'), [{ target: b, outcome: 'recovered' }], 'recover mounts it again')
    for (const target of [a, b]) works(target)
    for (const target of [b, a]) await unmount('new', target)
    t.strictSame(await node.settled(), NOTHING)
  })
})

t.test('downgrade', async t => {
  const { node, clients, places, pods, evictAll, ...both } = await releases(t)
  const { mount, unmount, status, recover, reap, works } = both
  const [a = '', b = '', c = ''] = pods(3)
  const targets = [a, b, c]

  const mountAll = async () => {
    await mount('new', a)
    await mount('new', b, READ_ONLY)
    await mount('new', c)
  }
  const endClient = async (t: Test) => {
    const [place = ''] = places()
    t.strictSame(
      await reap('new'),
      [{ target: place, outcome: 'removed' }],
      'reap of the new release ends it',
    )
    t.strictSame(await node.settled(), NOTHING, 'and nothing is left')
  }

  await t.test('the old release unmounts each target, and the new one ends the client', async t => {
    await mountAll()
    const client = await clients()
    const before = targets.flatMap(node.mountsOn)
    await mount('old', a)
    await mount('old', b, READ_ONLY)
    t.strictSame(targets.flatMap(node.mountsOn), before, 'a repeated call changes nothing')
    const rows = await status('old')
    for (const target of targets)
      t.match(
        rows.find(row => row.target === target),
        { health: 'healthy' },
        'status shows it',
      )
    t.strictSame(await recover('old'), [], 'there is nothing to recover')
    for (const { outcome } of await reap('old')) t.equal(outcome, 'kept')
    for (const [i, target] of targets.entries()) {
      await unmount('old', target)
      t.strictSame(await clients(), client, 'its client stays')
      if (i < 2) works(c)
    }
    t.match(await status('new'), [{ target: places()[0], health: 'healthy', targets: 0 }])
    await endClient(t)
  })

  await t.test('a new pod after the next upgrade takes the client over', async t => {
    await mountAll()
    const client = await clients()
    for (const target of targets) await unmount('old', target)
    await mount('new', a)
    t.strictSame(await clients(), client)
    works(a)
    await unmount('new', a)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('the shared client dies under the old release', async t => {
    await mountAll()
    for (const pid of await clients()) signal(pid, 'SIGKILL')
    await evictAll()
    const rows = await status('old')
    for (const target of targets)
      t.match(
        rows.find(row => row.target === target),
        { health: 'dead' },
        'status shows it',
      )
    const recovered = (await recover('old')).filter(({ target }) => targets.includes(target))
    t.match(
      recovered,
      targets.map(target => ({ target, outcome: 'recovered' })),
    )
    for (const target of [a, c]) works(target)
    t.throws(() => writeFileSync(`${b}/x`, ''), { code: 'EROFS' }, 'read-only is still read-only')
    for (const target of targets) await unmount('old', target)
    await endClient(t)
  })
})
