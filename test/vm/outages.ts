import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import type { Test } from 'tap'
import type { DaemonName } from '../../src/core/dev-cluster/spec.js'
import { startCluster } from '../lab/cluster.js'
import { base64 } from '../support/volumes.js'
import { type Lab, setHelper, withEachEngine } from './lab.js'

const SUCCESS = { status: 'Success' }
/** Extra time for processes of an emulated machine to start. */
const SLACK_MS = 45_000
/** An abandoned mount would appear within about a second after the monitor is back. */
const LATER_MS = 5_000
const ALL = ['mon', 'mds', 'osd'] as const

/** A cluster that hangs, calls that are killed, clients that are evicted. */
export async function outages(t: Test, lab: Lab): Promise<void> {
  for (const [engine, each] of withEachEngine(lab)) {
    await mountingInTheDark(t, each, `${engine}, helper`)
    await endedCalls(t, each, `${engine}, helper`)
  }
  await unmounting(t, lab)
  await evictions(t, lab)
  await setHelper(lab, false)
  await mountingInTheDark(t, lab, 'no helper')
  await endedCalls(t, lab, 'no helper')
}

/** A monitor that hangs while mounting: bounded, and nothing is mounted later. */
async function mountingInTheDark(t: Test, lab: Lab, name: string): Promise<void> {
  const { node, admin } = lab
  await node.test(t, `${name}: the monitor hangs while mounting`, async t => {
    const options = { ...admin, timeoutSeconds: '8' }
    await paused(lab, ['mon'], async () => {
      const { reply, ms } = await node.mount(options)
      t.match(reply, { status: 'Failure', message: /^E(NOANSWER|TIMEOUT): / })
      t.ok(ms < 10_000 + SLACK_MS, `within its time: ${ms} ms`)
      t.equal(await node.leftovers(), '', 'nothing is left')
    })
    await sleep(LATER_MS)
    t.equal(await node.leftovers(), '', 'nothing is mounted when the monitor is back')
  })
}

async function endedCalls(t: Test, lab: Lab, name: string): Promise<void> {
  const { node, vm, admin } = lab
  const kill = (signal: string) => vm.sh(`kill -${signal} $(cat /run/agent/pid)`)
  await node.test(t, `${name}: SIGTERM while mounting`, async t => {
    await paused(lab, ['mon'], async () => {
      await stuckMount(lab)
      await kill('TERM')
      await vm.sh(
        'for i in $(seq 200); do kill -0 $(cat /run/agent/pid) 2>/dev/null || exit 0; sleep 0.1; done; exit 1',
      )
      t.match(await vm.sh('cat /run/agent/reply'), /EINTERRUPTED/)
      t.equal(await node.leftovers(), '', 'nothing is left')
    })
    await sleep(LATER_MS)
    t.equal(await node.leftovers(), '', 'nothing is mounted later')
  })
  for (const next of ['mount', 'unmount'] as const)
    await node.test(t, `${name}: SIGKILL while mounting, then ${next}`, async t => {
      await paused(lab, ['mon'], async () => {
        await stuckMount(lab)
        await kill('KILL')
        t.match(await node.leftovers(), /keyrings/, 'the killed call could not remove its key')
        if (next === 'unmount') {
          t.strictSame((await node.unmount()).reply, SUCCESS)
          t.equal(await node.leftovers(), '', 'the key and the mount program are gone')
        }
      })
      if (next === 'mount') {
        t.strictSame((await node.mount(admin)).reply, SUCCESS)
        await sleep(LATER_MS)
        t.strictSame(await node.typesOn(), ['ceph'], 'mounted once')
        t.equal(await node.keyFiles(), '', 'no key is left')
        t.strictSame((await node.unmount()).reply, SUCCESS)
      } else await sleep(LATER_MS)
      t.equal(await node.leftovers(), '', 'nothing is left, and nothing is mounted later')
    })
}

/** Starts a mount that cannot end, and waits until the mount program runs. */
async function stuckMount({ vm, node, admin }: Lab): Promise<void> {
  const options = JSON.stringify({ ...admin, timeoutSeconds: '60' })
  await vm.sh(
    `mkdir -p ${node.target()}
    ${node.command('mount', node.target(), options)} >/run/agent/reply 2>&1 & echo $! >/run/agent/pid
    for i in $(seq 900); do pgrep -x 'mount|mount.ceph' >/dev/null && exit 0; sleep 0.1; done; exit 1`,
    150,
  )
}

async function unmounting(t: Test, lab: Lab): Promise<void> {
  const { node, vm, admin } = lab
  const target = node.target()
  const mounted = async (t: Test) => {
    t.strictSame((await node.mount({ ...admin, path: '/vol1' })).reply, SUCCESS)
  }
  await node.test(t, 'unmount: in use', async t => {
    await mounted(t)
    await vm.sh(`sleep 300 <${target}/hello >/dev/null 2>&1 & echo $! >/run/agent/holder`)
    const { reply } = await node.unmount()
    t.match(reply, { status: 'Failure', message: /^EBUSY: .* in use by \d+ \(sleep\)/ })
    t.equal(await vm.sh(`cat ${target}/hello`), 'hello ceph\n', 'the mount still works')
    await vm.sh('kill $(cat /run/agent/holder)')
    t.strictSame((await node.unmount()).reply, SUCCESS)
    t.equal(await node.leftovers(), '', 'nothing is left')
  })
  await node.test(t, 'unmount: only the monitor is down; written data is not lost', async t => {
    await mounted(t)
    await paused(lab, ['mon'], async () => {
      await vm.sh(`head -c 3000000 /dev/zero >${target}/dirty`)
      const { reply, ms } = await node.unmount()
      t.strictSame(reply, SUCCESS)
      t.ok(ms < 62_000 + SLACK_MS, `within its time: ${ms} ms`)
    })
    await mounted(t)
    t.equal(await vm.sh(`wc -c <${target}/dirty; rm ${target}/dirty`), '3000000\n')
    t.strictSame((await node.unmount()).reply, SUCCESS)
  })
  for (const use of ['idle', 'with unwritten data', 'and df waits for it'])
    await node.test(t, `unmount: the cluster is gone, ${use}`, async t => {
      await node.configure({ timeoutSeconds: 15 })
      // a cluster of its own: after such an outage, it takes minutes until everything works again
      const cluster = await startCluster(t)
      await cluster.mkdir('/vol1')
      const key = { 'kubernetes.io/secret/key': base64(cluster.adminKey) }
      t.strictSame(
        (await node.mount({ ...admin, ...key, monitors: cluster.monitors, path: '/vol1' })).reply,
        SUCCESS,
      )
      await paused({ ...lab, cluster }, ALL, async () => {
        if (use === 'with unwritten data') await vm.run(`timeout 2 sh -c 'echo data >${target}/hello'`)
        if (use === 'and df waits for it')
          await vm.sh(`stat -f ${target} >/dev/null 2>&1 & sleep 2; ps -o stat= -C stat`)
        const { reply, ms } = await node.unmount()
        t.strictSame(reply, SUCCESS)
        t.ok(ms < 17_000 + SLACK_MS, `within its time: ${ms} ms`)
        t.strictSame(await node.typesOn(), [], 'not mounted')
        await sleep(LATER_MS)
        const left = await node.leftovers()
        t.comment(`left while the cluster is gone: ${left || 'nothing'}`)
        // state S: the df of this test
        const strays = left.split('\n').filter(line => line && !/^process (?:umount D|stat [DS])$/.test(line))
        t.strictSame(strays, [], 'at most a program that cannot be killed')
      })
      await node.configure({ timeoutSeconds: 60 })
      await vm.sh(
        `for i in $(seq 60); do pgrep -x 'umount|stat' >/dev/null || exit 0; sleep 1; done; ps ax; exit 1`,
        80,
      )
      t.equal(await node.leftovers(), '', 'nothing is left when it is back')
    })
}

async function paused(lab: Lab, daemons: readonly DaemonName[], work: () => Promise<void>): Promise<void> {
  for (const daemon of daemons) await lab.cluster.ctl(daemon, 'pause')
  try {
    await work()
  } finally {
    for (const daemon of daemons) await lab.cluster.ctl(daemon, 'resume')
  }
}

async function evictions(t: Test, lab: Lab): Promise<void> {
  const { node, vm, admin } = lab
  const options = { ...admin, path: '/vol1' }
  const target = node.target()
  await node.test(t, 'eviction: the next mount call replaces the mount', async t => {
    t.strictSame((await node.mount(options)).reply, SUCCESS)
    await vm.sh(`cat ${target}/hello`)
    await evictAll(lab)
    // the root stays cached: only a request to the cluster shows the eviction
    t.strictSame((await node.mount(options)).reply, SUCCESS)
    t.strictSame(await node.typesOn(), ['ceph'], 'mounted once')
    t.equal(await vm.sh(`cat ${target}/hello`), 'hello ceph\n', 'and works')
    t.strictSame((await node.unmount()).reply, SUCCESS)
    t.equal(await node.leftovers(), '', 'nothing is left')
  })
  await node.test(t, 'eviction: recover_session=clean', async t => {
    const recovering = { ...options, kernelOptions: 'recover_session=clean' }
    t.strictSame((await node.mount(recovering)).reply, SUCCESS)
    await evictAll(lab)
    await vm.sh(`for i in $(seq 30); do cat ${target}/hello && exit 0; sleep 1; done; exit 1`)
    t.strictSame((await node.unmount()).reply, SUCCESS)
  })
  await node.test(t, 'eviction: "recover" mounts again, before the next call', async t => {
    await node.configure({ timeoutSeconds: 60, recovery: true })
    t.strictSame((await node.mount(options)).reply, SUCCESS)
    await evictAll(lab)
    // the client notices it at its next request, which may take seconds: until then it hangs, which waiting may mend
    await vm.run(`stat --cached=never ${target}`, 60)
    const { stdout } = await vm.run(`${node.command('recover', '--all', '--json')} 2>&1`, 150)
    t.match(JSON.parse(stdout), [{ target, client: 'kernel', was: 'evicted', outcome: 'recovered' }])
    t.equal(await vm.sh(`cat ${target}/hello`), 'hello ceph\n', 'it works')
    t.strictSame((await node.unmount()).reply, SUCCESS)
    t.equal(await node.leftovers(), '', 'nothing is left')
    // rmdir(1) only removes an empty directory
    t.equal((await vm.run('rmdir /run/cephflex/keyrings/kept')).code, 0, 'nor the kept key')
    await node.configure({ timeoutSeconds: 60 })
  })
  await node.test(t, 'eviction: unmount', async t => {
    t.strictSame((await node.mount(options)).reply, SUCCESS)
    await evictAll(lab)
    t.strictSame((await node.unmount()).reply, SUCCESS)
    t.equal(await node.leftovers(), '', 'nothing is left')
  })
}

/** Evicts every client of the guest, as an administrator or the MDS itself does. */
async function evictAll({ cluster }: Lab): Promise<void> {
  const ceph = (...args: string[]) =>
    execa('/usr/bin/ceph', ['-c', cluster.conf, ...args], { timeout: 30_000 })
  const { stdout } = await ceph('tell', 'mds.*', 'session', 'ls', '-f', 'json')
  const sessions = JSON.parse(stdout.slice(stdout.indexOf('['))) as { id: number }[]
  if (sessions.length === 0) throw new Error('no client has a session')
  for (const { id } of sessions) await ceph('tell', 'mds.*', 'session', 'evict', `id=${id}`)
}
