// An upgrade may change the engine under running pods: what one binary has mounted, locked and recorded, the other
// unmounts, recovers and reaps.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startCluster } from '../lab/cluster.js'
import { evictAll } from '../lab/evict.js'
import { makeNode, NOTHING, type TestNode } from '../lab/node.js'
import { signal } from '../lab/signal.js'
import { until } from '../lab/until.js'
import { cephflex } from '../support/cli.js'
import { base64 } from '../support/volumes.js'
import { BINARIES, startHeld } from './held-call.js'

const SUCCESS = { status: 'Success' }
const cluster = await startCluster(t)
const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
const options = JSON.stringify(volume)

/** One binary on a node. */
const on = (node: TestNode, program: string) => ({
  call: async (...args: string[]) => (await node.finish(node.start(args, program))).reply,
  report: async (...args: string[]) => {
    const { out, err } = await cephflex([...args, '--json'], { env: node.environment, program })
    if (!out) throw new Error(err)
    return JSON.parse(out) as { target: string; outcome: string }[]
  },
})

const states = (node: TestNode) =>
  readdirSync(`${node.runDirectory}/state`).map(name => `${node.runDirectory}/state/${name}`)

const daemonOf = (node: TestNode): number => node.clientState()?.process?.pid ?? Number.NaN

const isGone = (pid: number) =>
  !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

async function unmounts(t: Test, first: string, second: string) {
  const node = makeNode(t)
  const target = node.target()
  t.strictSame(await on(node, first).call('mount', target, options), SUCCESS)
  writeFileSync(`${target}/proof`, 'written')
  t.strictSame(await on(node, second).call('mount', target, options), SUCCESS, 'a repeated mount finds it')
  t.equal(node.mountsOn(target).length, 1, 'and mounts nothing more')
  t.match(await on(node, second).report('status'), [{ target }], 'status shows it')
  t.strictSame(await on(node, second).call('unmount', target), SUCCESS)
  t.strictSame(await node.settled(), NOTHING, 'nothing is left')
}

async function recovers(t: Test, first: string, second: string) {
  const node = makeNode(t, { recovery: true })
  const target = node.target()
  t.strictSame(await on(node, first).call('mount', target, options), SUCCESS)
  const pid = daemonOf(node)
  signal(pid, 'SIGKILL')
  await until('the client ends', () => isGone(pid))
  await evictAll(cluster)
  t.match(await on(node, second).report('recover'), [{ target, outcome: 'recovered' }])
  writeFileSync(`${target}/proof`, 'data')
  t.equal(readFileSync(`${target}/proof`, 'utf8'), 'data', 'it works again')
  t.strictSame(await on(node, first).call('unmount', target), SUCCESS, 'and the first unmounts it')
  t.strictSame(await node.settled(), NOTHING)
}

async function reaps(t: Test, first: string, second: string) {
  const node = makeNode(t)
  const logs = `${node.dir}/logs`
  const target = node.target('data', '4f6a-gone')
  for (const directory of [logs, `${node.dir}/pods/4f6a-gone/containers/app`])
    mkdirSync(directory, { recursive: true })
  t.strictSame(await on(node, first).call('mount', target, options), SUCCESS)
  for (const file of states(node)) {
    const mountedAt = new Date(Date.now() - 3_600_000).toISOString()
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), mountedAt }))
  }
  const reaped = await on(node, second).report('reap', '--pod-logs', logs)
  t.match(reaped, [{ target, outcome: 'removed' }])
  t.strictSame(await node.settled(), NOTHING)
}

async function waits(t: Test, first: string, second: string) {
  const folder = t.testdir()
  const held = await startHeld(first, folder)
  let isOver = false
  const env = { CEPHFLEX_CONFIG: `${folder}/config.json` }
  const unmount = cephflex(['unmount', `${folder}/target`], { env, program: second })
  unmount.finally(() => {
    isOver = true
  })
  await until('the second waits for the lock', () =>
    readdirSync(`${folder}/run/locks`).some(name => /\.\d+\.\d+\.\d+$/.test(name)),
  )
  await pause(300)
  t.notOk(isOver, 'the lock of the first holds the second back')
  held.child.kill('SIGTERM')
  t.match(JSON.parse((await held.ended).output), { status: 'Failure' })
  t.strictSame(JSON.parse((await unmount).out), SUCCESS)
}

const { 'Node.js': node, Bun: bun } = BINARIES
for (const [name, work] of Object.entries({ unmounts, recovers, reaps, waits })) {
  t.test(`mounted with Node.js, Bun ${name}`, t => work(t, node, bun))
  t.test(`mounted with Bun, Node.js ${name}`, t => work(t, bun, node))
}
