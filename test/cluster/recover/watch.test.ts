// "recover --watch": volumes come back by themselves.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import type { RecoveryReport } from '../../../src/core/recover/recovery.js'
import { NOTHING } from '../../lab/node.js'
import { sharingScene } from '../../lab/sharing.js'
import { signal } from '../../lab/signal.js'
import { until } from '../../lab/until.js'

const SUCCESS = { status: 'Success' }
/** From the death of a client to the first write. The goal is 15 s, on a machine that does nothing else. */
const SECONDS = 25
const MEASURE_S = 21

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Seconds of processor time, and clock ticks of children that have ended: proc(5), /proc/PID/stat. */
const timesOf = (pid = 0) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').map(Number) ?? []
  const [user = 0, system = 0, ofChildren = 0, systemOfChildren = 0] = fields.slice(11)
  return { own: (user + system) / 100, children: ofChildren + systemOfChildren }
}

t.test('recover --watch', async t => {
  const { cluster, node, admin, clients, pods, evictAll } = await sharingScene(t, {
    recovery: true,
    timeoutSeconds: 20,
  })
  const metricsFile = `${node.dir}/cephflex.prom`
  /** Starts a watch. @returns what it printed, and what ends it. */
  const startWatch = (t: Test, ...args: string[]) => {
    const child = node.start(['recover', '--watch', '--json', ...args])
    let output = ''
    child.all.on('data', chunk => {
      output += String(chunk)
    })
    t.teardown(() => child.kill('SIGKILL'))
    return {
      pid: child.pid,
      output: () => output,
      reports: () =>
        output
          .split('\n')
          .filter(line => line.startsWith('{'))
          .map(line => JSON.parse(line) as RecoveryReport),
      end: async () => {
        child.kill('SIGTERM')
        return (await child).exitCode
      },
    }
  }
  const mounted = async (...targets: string[]) => {
    for (const target of targets) t.strictSame((await node.mount(target, admin)).reply, SUCCESS, 'mounts')
  }
  const unmounted = async (...targets: string[]) => {
    for (const target of targets) t.strictSame((await node.unmount(target)).reply, SUCCESS, 'unmounts')
  }
  const kill = async () => {
    for (const pid of await clients()) signal(pid, 'SIGKILL')
    await evictAll()
  }
  /** In a child: a mount that hangs must not keep this process. */
  const writes = async (target: string, name: string) =>
    (await execa('timeout', ['2', 'sh', '-c', `echo x >${target}/${name}`], { reject: false })).exitCode === 0
  const writable = (targets: readonly string[], name: string) =>
    until(`${targets.length} targets are writable`, async () => {
      for (const target of targets) if (!(await writes(target, name))) return false
      return true
    })

  await t.test('a killed client, and an evicted one: all targets work again', async t => {
    const targets = pods(3)
    await mounted(...targets)
    const watch = startWatch(t, '--reap', '--metrics', metricsFile)
    t.ok(await until('it writes metrics', () => existsSync(metricsFile)))
    t.match(readFileSync(metricsFile, 'utf8'), /cephflex_mounts\{client="fuse",health="healthy"\} 3/)
    for (const [was, work] of Object.entries({ dead: kill, evicted: evictAll })) {
      const begin = performance.now()
      const before = watch.reports().length
      const old = await clients()
      await work()
      await until('a report for each', () => watch.reports().length >= before + 3)
      t.ok(await writable(targets, was))
      const seconds = (performance.now() - begin) / 1000
      t.comment(`${was}: ${seconds.toFixed(1)} s`)
      // an evicted client notices it at its next message, and is asked every 15 seconds
      t.ok(seconds < (was === 'dead' ? SECONDS : 2 * SECONDS), `${was}: in time`)
      t.match(
        watch.reports().slice(before),
        targets.map(() => ({ was, outcome: 'recovered' })),
      )
      // one that was evicted would live as long as a program waits in it
      const isOld = (pid: number) => old.includes(pid)
      t.ok(await until('the old client has ended', async () => !(await clients()).some(isOld), 5))
    }
    t.equal(await watch.end(), 0, watch.output())
    await unmounted(...targets)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('a look starts no process while all is well', async t => {
    const targets = pods(10, 'ten')
    await mounted(...targets)
    const watch = startWatch(t)
    await until('it looks', () => watch.pid !== undefined && timesOf(watch.pid).own > 0)
    await pause(6_000)
    const before = timesOf(watch.pid)
    await pause(MEASURE_S * 1_000)
    const after = timesOf(watch.pid)
    t.equal(after.children, before.children)
    t.equal(watch.output(), '')
    t.comment(`${(((after.own - before.own) * 3_600) / MEASURE_S).toFixed(1)} s of processor time an hour`)
    t.equal(await watch.end(), 0)
    await unmounted(...targets)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('two watches do the work once', async t => {
    const targets = pods(3, 'two')
    await mounted(...targets)
    const [first, second] = [startWatch(t), startWatch(t)]
    const recovered = () =>
      [first, second].flatMap(({ reports }) => reports()).filter(({ outcome }) => outcome === 'recovered')
    await kill()
    t.ok(await writable(targets, 'two'))
    await until('all are told', () => recovered().length >= 3)
    t.strictSame(
      recovered()
        .map(({ target }) => target)
        .sort(),
      targets,
      'each target once',
    )
    t.equal((await clients()).length, 1, 'one client')
    for (const watch of [first, second]) {
      t.equal(await watch.end(), 0)
      t.notMatch(watch.output(), /"outcome":"failed"|note:/)
    }
    await unmounted(...targets)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('a cluster that is down is left alone, and its volumes come back with it', async t => {
    const targets = pods(2, 'down')
    await mounted(...targets)
    const watch = startWatch(t)
    for (const daemon of ['mds', 'mon'] as const) await cluster.ctl(daemon, 'pause')
    await pause(8_000)
    t.equal((await clients()).length, 1, 'a client that lives is kept')
    t.equal(watch.output(), '', 'and nothing is said')
    for (const pid of await clients()) signal(pid, 'SIGKILL')
    await until('an attempt has failed', () => watch.output().includes('"failed"'))
    for (const daemon of ['mon', 'mds'] as const) await cluster.ctl(daemon, 'resume')
    await evictAll()
    t.ok(await until('it recovers', () => watch.output().includes('"recovered"')))
    t.ok(await writable(targets, 'down'))
    t.equal(await watch.end(), 0)
    await unmounted(...targets)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('without a key it says so once, and others are recovered', async t => {
    const [lost = '', fine = ''] = pods(2, 'keyless')
    await mounted(lost, fine)
    const watch = startWatch(t)
    await execa('find', [node.keyrings, '-path', '*/kept/*', '-newer', node.configFile, '-delete'])
    writeFileSync(`${node.runDirectory}/state/broken.json`, '{')
    await kill()
    await until('it fails for both', () => watch.reports().length >= 2)
    t.match(watch.reports(), [{ code: 'ENOKEY' }, { code: 'ENOKEY' }])
    await pause(10_000)
    t.equal(watch.reports().length, 2, 'once for each')
    t.equal(await watch.end(), 0)
    await execa('rm', [`${node.runDirectory}/state/broken.json`])
    await unmounted(lost, fine)
    t.strictSame(await node.settled(), NOTHING)
  })
})
