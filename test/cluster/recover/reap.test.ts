// Mounts of deleted pods are unmounted; those of pods that may still exist are not.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import type { ReapReport } from '../../../src/ops/recover/reap.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { signal } from '../../lab/signal.js'
import { until } from '../../lab/until.js'
import { cephflex } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

t.test('reap', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const logs = `${node.dir}/logs`
  mkdirSync(logs)
  const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }

  const reap = async (...args: string[]): Promise<ReapReport[]> => {
    const { out, err } = await cephflex(['reap', '--json', '--pod-logs', logs, ...args], {
      env: node.environment,
    })
    if (!out) throw new Error(err)
    return JSON.parse(out) as ReapReport[]
  }
  /** An hour-old mount of a pod that ran. */
  const mountOf = async (uid: string) => {
    const target = node.target('data', uid)
    mkdirSync(`${node.dir}/pods/${uid}/containers/app`, { recursive: true })
    t.strictSame((await node.mount(target, volume)).reply, { status: 'Success' })
    return target
  }
  const age = () => {
    for (const name of readdirSync(`${node.runDirectory}/state`)) {
      const file = `${node.runDirectory}/state/${name}`
      const state = JSON.parse(readFileSync(file, 'utf8')) as object
      writeFileSync(
        file,
        JSON.stringify({ ...state, mountedAt: new Date(Date.now() - 3_600_000).toISOString() }),
      )
    }
  }
  const isKept = async (reason: RegExp, why: string) =>
    t.match(await reap(), [{ target, outcome: 'kept', reason }], why)

  const uid = '4f6a-gone'
  const target = await mountOf(uid)
  await isKept(/less than ten minutes/, 'a recent mount')
  age()

  mkdirSync(`${logs}/default_web_${uid}`)
  await isKept(/still has the logs of its pod, default_web_4f6a-gone/, 'a pod that the kubelet knows')
  rmSync(`${logs}/default_web_${uid}`, { recursive: true })
  rmSync(`${node.dir}/pods/${uid}/containers/app`, { recursive: true })
  await isKept(/may not have started/, 'a pod that waits for another volume')
  mkdirSync(`${node.dir}/pods/${uid}/containers/app`)
  rmSync(logs, { recursive: true })
  await isKept(/logs does not exist, so it is unknown/, 'a node without logs of pods')
  mkdirSync(logs)

  const token = `${node.dir}/pods/${uid}/volumes/kubernetes.io~projected/token`
  mkdirSync(token, { recursive: true })
  await execa('mount', ['-t', 'tmpfs', 'x', token])
  await isKept(/another volume of its pod is mounted/, 'a pod whose token is mounted')
  await execa('umount', [token])

  mkdirSync(`${node.dir}/inside`)
  const pod = execa(
    'unshare',
    [
      '-m',
      'sh',
      '-c',
      'mount --bind "$1" "$2"; echo ready; exec sleep 600',
      'pod',
      target,
      `${node.dir}/inside`,
    ],
    { reject: false, stdin: 'ignore', buffer: false },
  )
  await new Promise(resolve => pod.stdout.once('data', resolve))
  await isKept(/has it mounted in another mount namespace/, 'a running container')
  pod.kill('SIGKILL')
  await pod

  const before = node.mountsOn(target)
  t.strictSame(await reap('--dry-run'), [{ target, outcome: 'orphan' }], 'a dry run reports it')
  t.strictSame(node.mountsOn(target), before, 'and changes nothing')

  const byHand = `${node.dir}/by-hand`
  mkdirSync(byHand)
  await node.mount(byHand, volume)
  writeFileSync(`${target}/data`, 'stays')
  age()
  t.match(await reap(), [
    { target: byHand, outcome: 'kept', reason: /not a volume of a pod/ },
    { target, outcome: 'removed' },
  ])
  t.notOk(existsSync(target), 'its empty directory is removed')
  t.ok(existsSync(`${node.dir}/pods/${uid}/volumes/cephflex~cephfs`), 'and nothing above it')
  t.equal(readFileSync(`${byHand}/data`, 'utf8'), 'stays', 'the data in the volume is kept')

  const full = await mountOf('77-full')
  age()
  await execa('umount', ['-c', full])
  await until('the client ends', () => !node.leftovers().processes.some(line => line.includes(full)))
  writeFileSync(`${full}/local`, 'x')
  t.match(
    (await reap()).find(one => one.target === full),
    { outcome: 'removed' },
  )
  t.equal(readFileSync(`${full}/local`, 'utf8'), 'x', 'a directory with files of the node is never removed')

  await node.unmount(byHand)
  t.strictSame(node.leftovers(), NOTHING)

  await t.test('a deleted pod whose client is stopped: named, and freed without the wait', async t => {
    const uid = '9b-hung'
    const hung = await mountOf(uid)
    const run = async (...args: string[]) => (await cephflex(args, { env: node.environment })).out
    const client = node.clientState()?.process?.pid ?? 0
    const container = `${node.dir}/pods/${uid}/containers/app`
    // what the kubelet adds at each start of a container
    writeFileSync(`${container}/1a2b3c4d`, '')
    t.match(
      await reap(),
      [{ outcome: 'kept', reason: /less than ten minutes/ }],
      'it works: the kubelet calls',
    )
    utimesSync(container, 1, 1)
    signal(client, 'SIGSTOP')
    t.teardown(() => execa('kill', ['-CONT', `${client}`], { reject: false }))
    // as the kubelet, which blocks here before it calls the driver
    const blocked = execa('stat', ['-f', hung], { reject: false })
    t.match(await reap(), [{ outcome: 'kept', reason: /less than ten minutes/ }], 'its pod may be starting')
    writeFileSync(`${container}/5e6f7a8b`, '')
    mkdirSync(`${logs}/default_web_${uid}`)
    t.match(await reap(), [{ outcome: 'kept', reason: /still has the logs/ }], 'a pod that the kubelet knows')
    rmSync(`${logs}/default_web_${uid}`, { recursive: true })
    const status = await run('status')
    t.match(status, `if the pod is in Terminating, run: cephflex unmount ${hung}`)
    t.match(status, `its client, process ${client}, is stopped: kill -CONT ${client}`)
    t.match(await reap('--dry-run'), [{ target: hung, outcome: 'orphan' }])
    t.match(await reap(), [{ target: hung, outcome: 'removed' }])
    t.match((await blocked).stderr, /stat: cannot read/, 'the kubelet goes on')
    t.strictSame(await node.settled(), NOTHING, 'the client has ended')
  })

  await t.test('a stopped client that has lost its mount writes what it has, and ends', async t => {
    const lost = node.target('data', 'b3-lost')
    t.strictSame((await node.mount(lost, volume)).reply, { status: 'Success' })
    const client = node.clientState()?.process?.pid ?? 0
    writeFileSync(`${lost}/written`, 'before the stop')
    signal(client, 'SIGSTOP')
    t.teardown(() => execa('kill', ['-CONT', `${client}`], { reject: false }))
    for (const mountPoint of node.leftovers().mounts.reverse()) {
      await execa('umount', ['-c', mountPoint])
      if (mountPoint !== lost) rmdirSync(mountPoint)
    }
    for (const name of readdirSync(`${node.runDirectory}/state`)) rmSync(`${node.runDirectory}/state/${name}`)
    const doctor = await cephflex(['doctor', '--check', 'orphans'], { env: node.environment })
    t.match(
      doctor.out,
      new RegExp(`ceph-fuse ${client} is stopped without its mount[^]*fix: .*cephflex reap`),
    )
    const { out } = await cephflex(['status'], { env: node.environment })
    t.match(
      out,
      `its client, process ${client}, is stopped and has lost its mount: "cephflex reap" lets it end`,
    )
    t.match(await reap('--dry-run'), [{ outcome: 'orphan', reason: `its client ${client} is stopped` }])
    t.match(await reap(), [{ outcome: 'removed' }])
    t.strictSame(await node.settled(0), NOTHING)
    t.strictSame((await node.mount(lost, volume)).reply, { status: 'Success' })
    t.equal(readFileSync(`${lost}/written`, 'utf8'), 'before the stop', 'nothing is lost')
    await node.unmount(lost)
  })
  const text = await cephflex(['reap'], { env: node.environment })
  t.match(text, { code: 0, out: 'no volume is mounted' })
})
