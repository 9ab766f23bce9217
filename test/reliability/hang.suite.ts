// Something that a call needs hangs. The call must answer within its deadline plus 2 s, and leave nothing running.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster } from '../lab/cluster.js'
import { makeNode, NOTHING } from '../lab/node.js'
import { signal } from '../lab/signal.js'
import { recordFigure } from '../records/record-figures.js'
import { base64 } from '../support/volumes.js'

t.setTimeout(900_000)

const DEADLINE_S = 6
/** Extra time to start the program on a busy machine, which the deadline does not include. */
const START_MS = 1_500

const cluster = await startCluster(t)
const secret = { 'kubernetes.io/secret/key': base64(cluster.adminKey) }
const volume = { monitors: cluster.monitors, timeoutSeconds: String(DEADLINE_S), ...secret }
/** The deadline of calls that are not under test: a busy machine may be slow. */
const patient = { ...volume, timeoutSeconds: '60' }
const success = { status: 'Success' }
let survived = 0

/** Programs that never end, like their children, and that ignore SIGTERM: each has a duration of its own. */
let programs = 0
function hanging() {
  const duration = `31${process.pid}${String(++programs).padStart(2, '0')}`
  return {
    script: `#!/bin/sh\ntrap '' TERM INT HUP\nsleep ${duration} &\nsleep ${duration}\n`,
    asleep: (): string[] =>
      readdirSync('/proc').filter(pid => {
        try {
          return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(duration)
        } catch {
          return false
        }
      }),
  }
}

/** A node on which some programs never end. */
const nodeWithHanging = async (t: Test, names: readonly string[]) => {
  const { script, asleep } = hanging()
  const bin = t.testdir(Object.fromEntries(names.map(name => [name, script])))
  await execa('chmod', ['-R', 'a+x', bin])
  return { node: makeNode(t, { searchPath: [bin], timeoutSeconds: DEADLINE_S }), asleep }
}

type Answer = { reply: { status: string; message?: string }; ms: number }

const inTime = (t: Test, { reply, ms }: Answer, deadlineS = DEADLINE_S) => {
  survived += 1
  t.ok(ms <= deadlineS * 1_000 + 2_000 + START_MS, `answered after ${Math.round(ms)} ms, ${reply.status}`)
  if (reply.status !== 'Success') t.match(reply.message, /^E[A-Z]+: .+\. Hint: /, 'names what did not answer')
}

const timed = async (work: Promise<{ reply: Answer['reply'] }>): Promise<Answer> => {
  const begin = performance.now()
  const { reply } = await work
  return { reply, ms: performance.now() - begin }
}

const HANGING: readonly { programs: string[]; mounter?: string; message: RegExp }[] = [
  { programs: ['ceph-fuse'], mounter: 'fuse', message: /^ETIMEOUT: ceph-fuse was killed after / },
  { programs: ['ceph-fuse'], mounter: 'auto', message: /^E[A-Z]+: fuse: ceph-fuse was killed after / },
  { programs: ['mount'], mounter: 'kernel', message: /^E(TIMEOUT|NOKERNEL): / },
  {
    programs: ['ceph-fuse', 'mount'],
    mounter: 'auto',
    message: /ceph-fuse was killed after .*mount was killed after /,
  },
  { programs: ['stat'], mounter: 'fuse', message: /^EDEAD: / },
]

t.test('a program that a mount needs never ends', async t => {
  // these only wait
  t.jobs = HANGING.length
  for (const { programs, mounter = 'fuse', message } of HANGING)
    t.test(`${programs.join(' and ')}, mounter ${mounter}`, { buffered: true }, async t => {
      const { node, asleep } = await nodeWithHanging(t, programs)
      const answer = await timed(node.mount(node.target(), { ...volume, mounter }))
      inTime(t, answer)
      t.match(answer.reply, { status: 'Failure', message })
      t.strictSame(asleep(), [], 'its process group is gone')
      t.strictSame(await node.settled(), NOTHING)
    })

  await t.test('systemd-run: the mount is made without a scope', async t => {
    const { node, asleep } = await nodeWithHanging(t, ['systemd-run'])
    const target = node.target()
    const answer = await timed(node.mount(target, { ...volume, timeoutSeconds: '20' }))
    inTime(t, answer, 20)
    t.strictSame(asleep(), [], 'its process group is gone')
    if (answer.reply.status === 'Success') t.equal(node.mountsOn(target).length, 1)
  })
})

t.test('umount never ends', async t => {
  const node = makeNode(t, { timeoutSeconds: DEADLINE_S })
  const target = node.target()
  t.strictSame((await node.mount(target, patient)).reply, success)
  const { script, asleep } = hanging()
  const bin = t.testdir({ umount: script })
  await execa('chmod', ['a+x', `${bin}/umount`])
  const config = JSON.parse(readFileSync(node.configFile, 'utf8')) as object
  writeFileSync(node.configFile, JSON.stringify({ ...config, searchPath: [bin] }))
  const answer = await timed(node.unmount(target))
  inTime(t, answer)
  t.match(answer.reply, { status: 'Failure', message: /^E(UMOUNT|TIMEOUT): / })
  t.strictSame(asleep(), [], 'its process group is gone')
  t.equal(node.mountsOn(target).length, 1, 'the mount is unchanged')
  writeFileSync(node.configFile, JSON.stringify(config))
  t.strictSame((await node.unmount(target)).reply, success, 'and is unmounted when umount works again')
  t.strictSame(await node.settled(), NOTHING)
})

for (const daemon of ['mon', 'mds', 'osd'] as const)
  t.test(`the ${daemon} is stopped`, async t => {
    const node = makeNode(t, { timeoutSeconds: DEADLINE_S })
    const mounted = node.target('mounted')
    t.strictSame((await node.mount(mounted, patient)).reply, success)
    await cluster.ctl(daemon, 'pause')
    try {
      const refused = await timed(node.mount(node.target('new'), { ...volume, clientSharing: 'pod' }))
      inTime(t, refused)
      if (daemon !== 'osd') t.equal(refused.reply.status, 'Failure')
      // the client that runs may answer from its cache
      inTime(t, await timed(node.mount(node.target('shared'), volume)))
      const again = await timed(node.mount(mounted, volume))
      inTime(t, again)
      const removed = await timed(node.unmount(mounted))
      inTime(t, removed)
      t.strictSame(node.mountsOn(mounted), [], 'an idle mount is removed')
      for (const name of ['shared', 'new']) inTime(t, await timed(node.unmount(node.target(name))))
    } finally {
      await cluster.ctl(daemon, 'resume')
    }
    await sleep(1_500)
    t.strictSame(node.leftovers().mounts, [], 'nothing is mounted later')
  })

for (const clientSharing of ['node', 'pod'])
  t.test(`a ceph-fuse that is stopped under its mount, clientSharing: ${clientSharing}`, async t => {
    const node = makeNode(t, { timeoutSeconds: DEADLINE_S })
    const target = node.target()
    t.strictSame((await node.mount(target, { ...patient, clientSharing })).reply, success)
    const pid = node.clientState()?.process?.pid ?? 0
    signal(pid, 'SIGSTOP')
    for (const again of clientSharing === 'node' ? [target, node.target('new')] : [target]) {
      const answer = await timed(node.mount(again, { ...volume, clientSharing }))
      inTime(t, answer)
      t.match(answer.reply, { status: 'Failure', message: /^EDEAD: / }, 'it is not reported as success')
    }
    const removed = await timed(node.unmount(target))
    inTime(t, removed)
    t.strictSame(node.mountsOn(target), [])
    // without its mount it is let go on, and ends
    t.strictSame(await node.settled(), NOTHING)
  })

t.test('a process in the mount hangs in the kernel', async t => {
  const node = makeNode(t, { timeoutSeconds: DEADLINE_S })
  const target = node.target()
  t.strictSame((await node.mount(target, patient)).reply, success)
  await cluster.ctl('osd', 'pause')
  const writer = execa('dd', ['if=/dev/zero', `of=${target}/data`, 'bs=64k', 'count=16', 'conv=fsync'], {
    reject: false,
  })
  await sleep(500)
  try {
    const removed = await timed(node.unmount(target))
    inTime(t, removed)
    inTime(t, await timed(node.mount(node.target('other'), volume)))
  } finally {
    await cluster.ctl('osd', 'resume')
  }
  await writer
  t.strictSame((await node.unmount(target)).reply, success)
  t.strictSame((await node.unmount(node.target('other'))).reply, success)
})

t.test('a monitor that accepts connections and never answers', async t => {
  const silent = createServer(() => {})
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const { port } = silent.address() as { port: number }
  t.jobs = 6
  for (const mounter of ['fuse', 'auto'])
    for (const prefix of ['v1:', 'v2:', ''])
      t.test(`${prefix} mounter ${mounter}`, { buffered: true }, async t => {
        const node = makeNode(t, { timeoutSeconds: DEADLINE_S })
        const monitors = `${prefix}127.0.0.1:${port}`
        const answer = await timed(node.mount(node.target(), { ...volume, mounter, monitors }))
        inTime(t, answer)
        t.match(answer.reply, { status: 'Failure', message: /^E(NOANSWER|TIMEOUT): / })
        t.strictSame(await node.settled(), NOTHING)
      })
})

t.teardown(() => recordFigure(t, 'hang', 'calls made while something that they need hung', survived))
