import { openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { signal } from '../../lab/signal.js'
import { base64 } from '../../support/volumes.js'

const ALL = ['mon', 'osd', 'mds'] as const

t.test('a mount through its life', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const admin = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  await cluster.mkdir('/other')
  // for a minute, others must wait for the caps of a killed client
  const ownDirectory = { ...admin, path: '/killed-1' }
  const otherDirectory = { ...admin, path: '/killed-2' }
  const thirdDirectory = { ...admin, path: '/killed-3' }
  for (const { path } of [ownDirectory, otherDirectory, thirdDirectory]) await cluster.mkdir(path)
  await cluster.writeFile('/other/name', 'other')
  const daemons = async () =>
    (await execa('pgrep', ['-x', '-f', `ceph-fuse .*${node.dir}/.*`], { reject: false })).stdout
      .split('\n')
      .filter(Boolean)
      .map(Number)
  const mounted = async (target: string, options: Record<string, string> = admin) => {
    const { reply } = await node.mount(target, options)
    t.strictSame(reply, { status: 'Success' }, 'mounts')
  }
  const unmounted = async (target: string, left: () => unknown = node.leftovers) => {
    t.strictSame((await node.unmount(target)).reply, { status: 'Success' }, 'unmounts')
    t.strictSame(await left(), NOTHING, 'leaves nothing')
  }
  /** A mount without a state file of the driver. Its client may run for some seconds after it: the driver waits for 5. */
  const foreignMount = (target: string) =>
    execa(
      'ceph-fuse',
      ['--id', 'admin', '-k', cluster.adminKeyring, '-m', cluster.monitors, target, '-r', '/'],
      {
        env: { CEPH_CONF: '/dev/null' },
        stdio: 'ignore',
      },
    )

  await t.test('the keyring is removed, and the mount survives a restart of MDS and monitor', async t => {
    const target = node.target()
    await mounted(target)
    for (const daemon of ['mds', 'mon'] as const) {
      await cluster.ctl(daemon, 'kill')
      await cluster.ctl(daemon, 'run')
    }
    const write = await execa(
      'dd',
      ['if=/dev/zero', `of=${target}/later`, 'bs=4k', 'count=1', 'conv=fsync'],
      { timeout: 60_000, reject: false },
    )
    t.equal(write.exitCode, 0, 'it writes again without a key on the node')
    await unmounted(target)
  })

  await t.test('a second call for the same volume changes nothing', async t => {
    const target = node.target()
    await mounted(target)
    const [first] = node.mountsOn(target)
    await mounted(target)
    t.strictSame(node.mountsOn(target), [first], 'it is the same mount')
    await unmounted(target)
    await unmounted(target)
    t.ok(statSync(target).isDirectory(), 'the directory belongs to the kubelet: it is kept')
  })

  await t.test('unmount of a directory that does not exist succeeds', async t => {
    t.strictSame((await node.unmount(`${node.dir}/pods/gone/volumes/x~y/z`)).reply, { status: 'Success' })
  })

  await t.test('another volume on the target is replaced, never mistaken for this one', async t => {
    const target = node.target()
    await mounted(target, { ...admin, path: '/other' })
    await mounted(target)
    t.equal(node.mountsOn(target).length, 1)
    t.ok(readdirSync(target).includes('other'), 'now it is the root of the file system')
    await unmounted(target)
  })

  await t.test('a mount without state is replaced, too: its volume is unknown', async t => {
    const target = node.target()
    await foreignMount(target)
    await mounted(target, { ...admin, path: '/other' })
    t.equal(node.mountsOn(target).length, 1)
    t.equal(readFileSync(`${target}/name`, 'utf8'), 'other')
    await unmounted(target, node.settled)
  })

  await t.test('stacked mounts are all removed', async t => {
    const target = node.target()
    await cluster.mkdir('/empty')
    await mounted(target, { ...admin, path: '/empty' })
    await foreignMount(target)
    t.equal(node.mountsOn(target).length, 2)
    await unmounted(target, node.settled)
  })

  await t.test('a mount in use is busy: nothing is forced, and the holder is named', async t => {
    const target = node.target()
    await mounted(target)
    const holder = execa('sleep', ['60'], { cwd: target, reject: false })
    const { reply } = await node.unmount(target)
    t.match(reply, {
      status: 'Failure',
      message: new RegExp(`^EBUSY: ${target} is in use by ${holder.pid} \\(sleep\\)`),
    })
    writeFileSync(`${target}/still`, 'works')
    t.equal(readFileSync(`${target}/still`, 'utf8'), 'works', 'the mount is as healthy as before')
    holder.kill('SIGKILL')
    await holder
    await unmounted(target)
  })

  await t.test('a dead mount is replaced by a mount call', async t => {
    const target = node.target()
    await mounted(target, ownDirectory)
    for (const pid of await daemons()) signal(pid, 'SIGKILL')
    t.throws(() => statSync(target), 'it is dead')
    await mounted(target, ownDirectory)
    t.ok(statSync(target).isDirectory(), 'it works again')
    await unmounted(target)
  })

  await t.test('a dead mount is unmounted, also with a file open in it', async () => {
    const target = node.target()
    await mounted(target, otherDirectory)
    writeFileSync(`${target}/open`, 'x')
    const holder = execa('sleep', ['60'], { cwd: target, reject: false })
    openSync(`${target}/open`, 'r')
    for (const pid of await daemons()) signal(pid, 'SIGKILL')
    await unmounted(target)
    holder.kill('SIGKILL')
    await holder
  })

  await t.test('another file system on the target is left alone', async t => {
    const target = node.target()
    await execa('mount', ['-t', 'tmpfs', 'none', target])
    for (const call of [() => node.mount(target, admin), () => node.unmount(target)])
      t.match((await call()).reply, { status: 'Failure', message: /^EOCCUPIED: .* type tmpfs/ })
    t.equal(node.mountsOn(target)[0]?.fsType, 'tmpfs')
    await execa('umount', [target])
    t.strictSame(node.leftovers(), NOTHING)
  })

  await t.test('no monitor answers: an idle mount is unmounted all the same', async t => {
    const target = node.target()
    await mounted(target)
    await cluster.ctl('mon', 'pause')
    const { reply, ms } = await node.unmount(target)
    t.strictSame(reply, { status: 'Success' })
    t.ok(ms < 15_000, `in time: ${Math.round(ms)} ms`)
    t.strictSame(node.mountsOn(target), [])
    await cluster.ctl('mon', 'resume')
  })

  await t.test(
    'the cluster is gone, and the kubelet waits for statistics of the volume: still unmounted',
    async t => {
      const target = node.target()
      await mounted(target, thirdDirectory)
      statSync(target)
      for (const daemon of ALL) await cluster.ctl(daemon, 'pause')
      const kubelet = execa('stat', ['-f', target], { reject: false, timeout: 90_000 })
      const state = () => readFileSync(`/proc/${kubelet.pid}/wchan`, 'utf8')
      for (let tries = 0; tries < 200 && state() !== 'request_wait_answer'; tries += 1) await sleep(20)
      t.not(
        (await execa('umount', ['-c', target], { reject: false })).exitCode,
        0,
        'umount(8) reports it as busy',
      )
      const { reply, ms } = await node.unmount(target)
      t.strictSame(reply, { status: 'Success' })
      t.ok(ms < 30_000, `in time: ${Math.round(ms)} ms`)
      t.strictSame(node.mountsOn(target), [])
      t.match(
        await kubelet,
        { exitCode: 1, stderr: /not connected|abort/ },
        'and the waiting process continues',
      )
      for (const daemon of [...ALL].reverse()) await cluster.ctl(daemon, 'resume')
      for (let tries = 0; tries < 500 && node.leftovers().processes.length > 0; tries += 1) await sleep(20)
      t.strictSame(node.leftovers(), NOTHING, 'nothing is left when it is back')
    },
  )

  await t.test('16 pods at once, on 16 targets', async t => {
    const targets = Array.from({ length: 16 }, (_, i) => node.target('data', `pod-${i}`))
    const replies = await Promise.all(targets.map(target => node.mount(target, admin)))
    t.strictSame(
      replies.map(({ reply }) => reply),
      targets.map(() => ({ status: 'Success' })),
    )
    t.strictSame(
      targets.map(target => node.mountsOn(target).length),
      targets.map(() => 1),
      'each mounted once',
    )
    await Promise.all(targets.map(target => node.unmount(target)))
    t.strictSame(node.leftovers(), NOTHING)
  })

  await t.test('4 calls at once on one target, as after a restart of the kubelet', async t => {
    const target = node.target()
    const replies = await Promise.all([1, 2, 3, 4].map(() => node.mount(target, admin)))
    t.strictSame(
      replies.map(({ reply }) => reply),
      Array(4).fill({ status: 'Success' }),
    )
    t.equal(node.mountsOn(target).length, 1, 'mounted once')
    await unmounted(target)
  })
})
