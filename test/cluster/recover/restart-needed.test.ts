// A container that does not see the new mount, here a mount namespace. With a kubelet: test/kube/sub-paths.suite.ts.

import { mkdirSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import type { MountStatus } from '../../../src/core/node/status.js'
import type { RecoveryReport } from '../../../src/core/recover/recovery.js'
import { NOTHING } from '../../lab/node.js'
import { sharingScene } from '../../lab/sharing.js'
import { signal } from '../../lab/signal.js'
import { cephflex } from '../../support/cli.js'

const SUCCESS = { status: 'Success' }

t.test('containers that must be restarted are named', async t => {
  const { node, admin, clients, evictAll } = await sharingScene(t, { recovery: true })
  const run = (...args: string[]) => cephflex(args, { env: node.environment })
  const status = async () =>
    (JSON.parse((await run('status', '--json')).out) as MountStatus[]).filter(({ target }) =>
      target.startsWith(node.dir),
    )
  /** A mount namespace as that of a container: with the volume, and the file that the kubelet keeps for its end. */
  const startContainer = async (t: Test, uid: string, name: string) => {
    const kept = `${node.dir}/pods/${uid}/containers/${name}`
    const inside = `${node.dir}/inside-${uid}-${name}`
    for (const path of [kept, inside]) mkdirSync(path, { recursive: true })
    for (const file of [`${kept}/0a1b`, `${inside}-log`]) writeFileSync(file, '')
    const script = 'mount --rbind "$1" "$2"; mount --bind "$3" "$2-log"; echo ready; exec sleep 600'
    const argv = [node.target('data', uid), inside, `${kept}/0a1b`]
    const options = { reject: false, stdin: 'ignore', buffer: false } as const
    const container = execa(
      'unshare',
      ['-m', '--propagation', 'private', 'sh', '-ec', script, 'sh', ...argv],
      options,
    )
    const end = async () => {
      container.kill('SIGKILL')
      await container
    }
    t.teardown(end)
    await new Promise(resolve => container.stdout.once('data', resolve))
    return end
  }

  const pod = { 'kubernetes.io/pod.namespace': 'shop', 'kubernetes.io/pod.name': 'web' }
  const [web, other] = [node.target('data', 'uid-web'), node.target('data', 'uid-other')]
  t.strictSame((await node.mount(web, { ...admin, ...pod })).reply, SUCCESS)
  t.strictSame((await node.mount(other, admin)).reply, SUCCESS)
  const ends = [
    await startContainer(t, 'uid-web', 'main'),
    await startContainer(t, 'uid-web', 'side.car'),
    await startContainer(t, 'uid-other', 'only'),
  ]
  const restarts = async () => (await status()).map(({ restartNeeded }) => restartNeeded)
  t.strictSame(await restarts(), [undefined, undefined], 'none while all is well')
  t.match((await run('metrics')).out, /# TYPE cephflex_restart_needed gauge\n(?!cephflex_restart_needed)/)

  for (const pid of await clients()) signal(pid, 'SIGKILL')
  await evictAll()
  t.strictSame(await restarts(), [undefined, undefined], 'nor before the recovery: no restart would help')
  const { out } = await run('recover')
  t.match(out, /restart container main, side\.car of the pod shop\/web: they do not see the new mount/)
  t.match(out, /restart container only of the pod uid-other: it does not see the new mount/)
  t.strictSame(
    (await status()).map(({ target, restartNeeded }) => [target, restartNeeded]),
    [
      [other, ['only']],
      [web, ['main', 'side.car']],
    ],
  )
  t.match((await run('status')).out, /restart container main, side\.car of the pod shop\/web/)
  const samples = async () =>
    (await run('metrics')).out.split('\n').filter(line => line.startsWith('cephflex_restart_needed{'))
  t.strictSame(await samples(), [
    'cephflex_restart_needed{namespace="",pod="uid-other",container="only",volume="data"} 1',
    'cephflex_restart_needed{namespace="shop",pod="web",container="main",volume="data"} 1',
    'cephflex_restart_needed{namespace="shop",pod="web",container="side.car",volume="data"} 1',
  ])
  const [endMain] = ends
  await endMain?.()
  ends.push(await startContainer(t, 'uid-web', 'main'))
  t.strictSame(await restarts(), [['only'], ['side.car']], 'a restarted container sees it')
  const found = JSON.parse((await run('recover', '--json')).out) as RecoveryReport[]
  t.strictSame(found, [], 'it is no reason to recover again')
  for (const end of ends) await end()
  t.strictSame(await samples(), [])
  for (const target of [web, other]) t.strictSame((await node.unmount(target)).reply, SUCCESS)
  t.strictSame(await node.settled(), NOTHING)
})
