import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { makeNode, NOTHING } from '../../lab/node.js'
import { observe, sharingScene } from '../../lab/sharing.js'
import { signal } from '../../lab/signal.js'
import { until } from '../../lab/until.js'
import { cephflex } from '../../support/cli.js'

const SUCCESS = { status: 'Success' }

type Row = { target: string; health: string; pid?: number; targets?: number; memoryBytes?: number }
type Recovery = { target: string; outcome: string; was: string; code?: string; pod: { uid?: string } }

t.test('a shared client that is lost', async t => {
  const scene = await sharingScene(t, { recovery: true })
  const { node, admin, clients, places, pods, optionsOf } = scene
  const env = { ...node.environment }
  const json = async <T>(...args: string[]) =>
    JSON.parse((await cephflex([...args, '--json'], { env })).out) as T[]
  /** Without the mounts of a kubelet that runs on this machine. */
  const status = async () =>
    (await json<Row>('status')).filter(({ target }) => target.startsWith(`${node.dir}/`))
  const recover = () => json<Recovery>('recover')
  const mounted = async (target: string, options: Record<string, string> = admin) =>
    t.strictSame((await node.mount(target, options)).reply, SUCCESS, 'mounts')
  const unmounted = async (target: string) =>
    t.strictSame((await node.unmount(target)).reply, SUCCESS, 'unmounts')

  await t.test('status shows one client and its pods', async t => {
    const targets = pods(3)
    for (const target of targets) await mounted(target)
    const rows = await status()
    const [pid] = await clients()
    t.strictSame(
      rows.map(({ target }) => target),
      targets,
    )
    for (const row of rows) t.match(row, { health: 'healthy', pid, targets: 3 })
    t.ok((rows[0]?.memoryBytes ?? 0) > 5e6, 'and the memory of the daemon')
    t.strictSame(await recover(), [], 'nothing to recover')
    const logs = await cephflex(['logs', '--target', targets[2] ?? ''], { env })
    t.equal(
      logs.err,
      `note: the client logs to ${node.clientState()?.logFile}`,
      'the log of the client that another started',
    )
    for (const target of targets) await unmounted(target)
  })

  await t.test('killed under five pods: recover starts it once, and mounts it on each', async t => {
    const targets = pods(5, 'five')
    const [first = '', second = '', third = ''] = targets
    await mounted(first, { ...admin, 'kubernetes.io/readwrite': 'ro' })
    for (const target of targets.slice(1)) await mounted(target)
    const [old = 0] = await clients()
    signal(old, 'SIGKILL')
    await scene.evictAll()
    for (const row of await status()) t.match(row, { health: 'dead', recoverable: true })
    const report = await recover()
    const expected = targets.map(target => ({ target, outcome: 'recovered', was: 'dead' }))
    t.match(report, expected, 'the report lists every pod')
    const [pid, ...others] = await clients()
    t.strictSame(others, [], 'one new client')
    t.not(pid, old)
    t.throws(() => writeFileSync(`${first}/x`, ''), { code: 'EROFS' }, 'read-only is still read-only')
    t.ok(optionsOf(first).includes('ro'))
    writeFileSync(`${second}/again`, 'x')
    t.equal(readFileSync(`${third}/again`, 'utf8'), 'x')
    for (const row of await status()) t.match(row, { health: 'healthy', pid, targets: 5 })
    const [late = ''] = pods(1, 'late')
    await mounted(late)
    t.strictSame(await clients(), [pid], 'a new pod uses it')
    for (const target of [...targets, late]) await unmounted(target)
    t.strictSame(await node.settled(), NOTHING, 'nothing is left')
  })

  await t.test('a new pod replaces a dead one, and leaves the targets of the others', async t => {
    const [a = '', b = '', c = ''] = pods(3, 'dead')
    await mounted(a)
    await mounted(b)
    const [old = 0] = await clients()
    const device = node.mountsOn(a)[0]?.device
    signal(old, 'SIGKILL')
    await scene.evictAll()
    await mounted(c)
    writeFileSync(`${c}/new`, 'x')
    t.strictSame(
      [a, b].map(target => node.mountsOn(target).map(entry => entry.device)),
      [[device], [device]],
    )
    await unmounted(c)
    t.strictSame(await clients(), [], 'its client ends with it')
    await mounted(c)
    await mounted(a)
    t.equal(node.mountsOn(a).length, 1, 'a mount call replaces the dead mount')
    t.equal(readFileSync(`${a}/new`, 'utf8'), 'x')
    t.strictSame(
      (await recover()).map(({ target, outcome }) => [target, outcome]),
      [[b, 'recovered']],
    )
    t.equal((await clients()).length, 1)
    for (const target of [b, a, c]) await unmounted(target)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('stopped', async t => {
    const [a = '', b = ''] = pods(2, 'stopped')
    await mounted(a)
    const [pid = 0] = await clients()
    signal(pid, 'SIGSTOP')
    const { reply, ms } = await node.mount(b, { ...admin, timeoutSeconds: '10' })
    t.match(reply, { status: 'Failure', message: new RegExp(`EDEAD: .*process ${pid}`) })
    t.ok(ms < 12_000, 'within its time')
    t.strictSame(node.mountsOn(b), [], 'nothing is mounted')
    t.equal((await clients()).length, 1, 'no second client')
    signal(pid, 'SIGCONT')
    await mounted(b)
    signal(pid, 'SIGSTOP')
    await unmounted(a)
    t.strictSame(await clients(), [pid], 'the unmount of one pod does not end it')
    signal(pid, 'SIGCONT')
    writeFileSync(`${b}/on`, 'x')
    await unmounted(b)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('evicted', async t => {
    const [a = '', b = ''] = pods(2, 'evicted')
    await mounted(a)
    const [old = 0] = await clients()
    await scene.evictAll()
    await mounted(b)
    writeFileSync(`${b}/after`, 'x')
    t.equal((await clients()).length, 2, 'the new pod has a new client, and the other keeps the old one')
    t.match(await recover(), [{ target: a, was: 'evicted', outcome: 'recovered' }])
    t.equal(readFileSync(`${a}/after`, 'utf8'), 'x')
    t.ok(await until('the old client has ended', async () => !(await clients()).includes(old), 5))
    for (const target of [a, b]) await unmounted(target)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('evicted, and its successor ends first', async t => {
    const [a = '', b = ''] = pods(2, 'outlived')
    await mounted(a)
    await scene.evictAll()
    await mounted(b)
    await unmounted(b)
    t.match(await recover(), [{ target: a, was: 'evicted', outcome: 'recovered' }], 'it is still asked')
    await unmounted(a)
    t.strictSame(await node.settled(), NOTHING)
  })

  /** A node whose first mount call is killed by its mount(8), which binds the client on the target. */
  const killedBy = async (t: Test, ...lines: string[]) => {
    const bin = t.testdir({ mount: ['#!/bin/sh', 'rm "$0"', ...lines, 'kill -9 $PPID', ''].join('\n') })
    chmodSync(`${bin}/mount`, 0o755)
    const other = makeNode(t, { clientSharing: undefined, recovery: true, searchPath: [bin] })
    const target = other.target()
    await t.rejects(other.mount(target, admin), 'the call is killed')
    const noted = other.states().filter(state => state.target === target)
    t.match(noted, [{ unfinished: true }], 'and has noted how it mounts')
    const commandOf = async <T>(...args: string[]) =>
      JSON.parse((await cephflex([...args, '--json'], { env: { ...other.environment } })).out) as T[]
    const statusOf = async () => (await commandOf<Row>('status')).filter(row => row.target === target)
    const ends = async () => {
      t.strictSame((await other.unmount(target)).reply, SUCCESS)
      t.strictSame(await other.settled(), NOTHING, 'nothing is left, nor a key')
    }
    return { other, target, commandOf, statusOf, ends }
  }
  const BIND = '/bin/mount "$@"'

  await t.test('the driver dies before it has confirmed its mount, and the client later', async t => {
    const { other, target, commandOf, statusOf, ends } = await killedBy(t, BIND)
    t.equal(other.mountsOn(target).length, 1, 'the kubelet finds the target mounted')
    for (const pid of await observe(other).clients()) signal(pid, 'SIGKILL')
    await scene.evictAll()
    t.match(await statusOf(), [{ health: 'dead', recoverable: true }])
    t.match(await commandOf<Recovery>('recover'), [{ target, was: 'dead', outcome: 'recovered' }])
    writeFileSync(`${target}/again`, 'x')
    t.match(await statusOf(), [{ health: 'healthy', targets: 1 }])
    await ends()
  })

  await t.test('the driver dies before it has confirmed its mount: recover does', async t => {
    const { other, target, commandOf, ends } = await killedBy(t, BIND)
    const devices = other.mountsOn(target).map(({ device }) => device)
    t.strictSame(await commandOf('recover'), [], 'there is nothing to mount again')
    t.strictSame(
      other.mountsOn(target).map(({ device }) => device),
      devices,
      'and the pod keeps its mount',
    )
    t.notOk(other.states().some(({ unfinished }) => unfinished))
    await execa('umount', [target])
    t.match(await commandOf<Recovery>('recover'), [{ was: 'gone', outcome: 'recovered' }], 'like any other')
    await ends()
  })

  await t.test('the driver dies before it has confirmed its mount: the next call takes it over', async t => {
    const { other, target, ends } = await killedBy(t, BIND)
    const ids = other.mountsOn(target).map(({ id }) => id)
    t.strictSame((await other.mount(target, admin)).reply, SUCCESS)
    t.strictSame(
      other.mountsOn(target).map(({ id }) => id),
      ids,
      'the same mount: a container may have it',
    )
    t.notOk(other.states().some(({ unfinished }) => unfinished))
    await ends()
  })

  await t.test('the driver dies before the target is mounted', async t => {
    for (const command of ['recover', 'reap']) {
      const { other, target, commandOf, statusOf, ends } = await killedBy(t)
      t.strictSame(other.mountsOn(target), [])
      t.strictSame(await statusOf(), [], 'status lists no mount')
      t.strictSame(
        (await commandOf<Recovery>(command)).filter(row => row.target === target),
        [],
        `${command} mounts nothing: the kubelet calls again`,
      )
      t.strictSame(other.mountsOn(target), [])
      t.notOk(
        other.states().some(state => state.target === target),
        'it removes the state',
      )
      t.strictSame(
        other.leftovers().files.filter(file => file.includes('/kept/')),
        [],
        'and the key',
      )
      t.strictSame((await other.mount(target, admin)).reply, SUCCESS, 'the next call mounts it')
      await ends()
    }
  })

  await t.test('reap ends a client that no pod has', async t => {
    const [a = ''] = pods(1, 'reaped')
    await mounted(a)
    await execa('umount', [a])
    t.match(await status(), [
      { target: a, health: 'gone' },
      { target: places()[0], targets: 0 },
    ])
    const orphans = JSON.parse((await cephflex(['doctor', '--json', '--check', 'orphans'], { env })).out) as {
      id: string
      fix?: string
    }[]
    t.match(JSON.stringify(orphans), /cephflex reap/)
    const [place = ''] = places()
    const reaped = await json<{ target: string; outcome: string }>('reap')
    t.match(
      reaped.filter(({ target }) => target === place),
      [{ outcome: 'removed' }],
    )
    t.strictSame(await clients(), [])
    await unmounted(a)
    t.strictSame(await node.settled(), NOTHING)
  })
})
