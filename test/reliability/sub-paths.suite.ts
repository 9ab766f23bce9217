// A kubelet in a mount namespace of its own: its binds for subPaths are only there. In a suite and not in a test, because
// all tests that run at the same time would see this kubelet, too.

import { mkdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { RecoveryReport } from '../../src/core/recover/recovery.js'
import { mountedOn } from '../../src/core/target/mount-table.js'
import { shareNode, startNamespace } from '../lab/namespace.js'
import { NOTHING } from '../lab/node.js'
import { sharingScene } from '../lab/sharing.js'
import { signal } from '../lab/signal.js'
import { cephflex } from '../support/cli.js'

const SUCCESS = { status: 'Success' }

t.test('dead binds of a kubelet that has a mount namespace of its own', async t => {
  const scene = await sharingScene(t, { recovery: true })
  const { node, admin, clients, userFor } = scene
  await shareNode(t, node)
  const kubelet = await startNamespace(t, node, { propagation: 'slave', comm: 'kubelet' })
  const ask = async <T>(...args: string[]) =>
    JSON.parse((await cephflex([...args, '--json'], { env: node.environment })).out) as T[]
  const there = (path: string) => mountedOn(readFileSync(`/proc/${kubelet.pid}/mountinfo`, 'utf8'), path)
  /** Mounts a volume with a directory, as a call that the kubelet starts in the namespace of the node. */
  const mounted = async (volume: string, pod: string, options = admin) => {
    const target = node.target(volume, pod)
    t.strictSame((await node.mount(target, options)).reply, SUCCESS, 'mounts')
    mkdirSync(`${target}/directory`, { recursive: true })
    t.equal(there(target).length, 1, 'the kubelet sees it')
    return target
  }
  /** Binds a directory of a volume for a subPath, in the namespace of the kubelet alone. */
  const bind = async (source: string, pod: string, name: string) => {
    const path = `${node.dir}/pods/${pod}/volume-subpaths/${name}`
    mkdirSync(path, { recursive: true })
    const { exitCode, all } = await kubelet.inside('mount', ['--bind', `${source}/directory`, path])
    t.equal(exitCode, 0, String(all))
    t.strictSame([there(path).length, node.mountsOn(path).length], [1, 0], 'only the kubelet has it')
    return path
  }

  const { user, ...other } = await userFor('live', '/live')
  const live = await mounted('live', 'one', { user, ...other } as typeof admin)
  const [alive = 0] = await clients()
  const target = await mounted('data', 'one')
  const second = await mounted('data', 'two')
  const dead = [await bind(target, 'one', 'data/main/0'), await bind(target, 'one', 'data/side/0')]
  const strange = await bind(live, 'one', 'data/main/1')
  const odd = await bind(target, 'one', 'data/main/odd')
  const ofLive = await bind(live, 'one', 'live/main/0')
  const ofSecond = await bind(second, 'two', 'data/main/0')
  for (const pid of await clients()) if (pid !== alive) signal(pid, 'SIGKILL')
  await scene.evictAll('/live')

  const [report, ...more] = await ask<RecoveryReport>('recover', '--target', target)
  const hint = `nsenter --target ${kubelet.pid} --mount -- umount -l ${strange}`
  t.match(report, { target, was: 'dead', subPaths: dead, code: 'EDEAD', hint: new RegExp(`: ${hint}$`) })
  t.match(report, {
    message: `${strange} is not of the volume that is mounted now, and was left alone: it answers: directory`,
  })
  t.strictSame(more, [])
  for (const path of dead) t.strictSame(there(path), [], 'a dead bind is detached where the kubelet has it')
  const neighbours = { strange, odd, ofLive, ofSecond }
  for (const [name, path] of Object.entries(neighbours)) t.equal(there(path).length, 1, `${name} stays`)
  await kubelet.end()
  for (const path of [live, target, second]) t.strictSame((await node.unmount(path)).reply, SUCCESS)
  t.strictSame({ ...(await node.settled()), mounts: [] }, NOTHING)
})
