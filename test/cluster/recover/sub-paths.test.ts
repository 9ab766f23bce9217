// The binds that the kubelet makes for subPaths, here made by hand: with a kubelet, test/kube/sub-paths.suite.ts.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import type { RecoveryReport } from '../../../src/core/recover/recovery.js'
import { mountedOn } from '../../../src/core/target/mount-table.js'
import { NOTHING } from '../../lab/node.js'
import { sharingScene } from '../../lab/sharing.js'
import { signal } from '../../lab/signal.js'
import { cephflex } from '../../support/cli.js'

const SUCCESS = { status: 'Success' }

t.test('dead binds of the kubelet for subPaths', async t => {
  const scene = await sharingScene(t, { recovery: true })
  const { node, admin, clients, userFor } = scene
  const env = node.environment
  const run = (...args: string[]) => cephflex(args, { env })
  const recover = async () => JSON.parse((await run('recover', '--json')).out) as RecoveryReport[]
  const mountsOn = (path: string) => mountedOn(readFileSync('/proc/self/mountinfo', 'utf8'), path)
  /** Binds a file or directory of a volume as the kubelet does. */
  const bind = async (target: string, name: string, kind: 'directory' | 'file' = 'directory') => {
    const [, pod = '', volume = ''] = /^(.*)\/volumes\/[^/]+\/(.*)$/.exec(target) ?? []
    const path = `${pod}/volume-subpaths/${volume}/${name}`
    mkdirSync(dirname(path), { recursive: true })
    if (kind === 'directory') mkdirSync(path)
    else writeFileSync(path, '')
    await execa('mount', ['--bind', `${target}/${kind}`, path])
    return path
  }
  const mounted = async (target: string, options = admin) => {
    t.strictSame((await node.mount(target, options)).reply, SUCCESS, 'mounts')
    mkdirSync(`${target}/directory`, { recursive: true })
    writeFileSync(`${target}/file`, 'content')
    return target
  }
  const killClients = async () => {
    for (const pid of await clients()) signal(pid, 'SIGKILL')
    await scene.evictAll()
  }
  const ended = async (...paths: string[]) => {
    for (const path of paths) await execa('umount', ['-l', path])
  }
  const unmounted = async (target: string) =>
    t.strictSame((await node.unmount(target)).reply, SUCCESS, 'unmounts')

  for (const clientSharing of ['node', 'pod'])
    await t.test(`recover detaches those of its volume, clientSharing: ${clientSharing}`, async t => {
      const options = { ...admin, clientSharing }
      const target = await mounted(node.target('data', `one-${clientSharing}`), options)
      const binds = [
        await bind(target, 'main/0'),
        await bind(target, 'main/1', 'file'),
        await bind(target, 'side.car/0'),
      ]
      // of the same pod and volume, but not what a kubelet makes
      const odd = await bind(target, 'main/odd')
      await killClients()
      const [report, ...more] = await recover()
      t.match(report, { target, was: 'dead', outcome: 'recovered', subPaths: binds })
      t.strictSame(more, [])
      for (const path of binds) t.strictSame(mountsOn(path), [], `${path} is free`)
      t.equal(mountsOn(odd).length, 1)
      t.strictSame(await recover(), [], 'nothing more to do')
      await ended(odd)
      await unmounted(target)
      t.match(await node.settled(), { ...NOTHING, files: [] })
    })

  await t.test('a bind that answers stays, and those of other pods and volumes', async t => {
    const { user, ...other } = await userFor('live', '/live')
    const live = await mounted(node.target('live', 'two'), { user, ...other } as typeof admin)
    const [alive = 0] = await clients()
    const target = await mounted(node.target('data', 'two'))
    const second = await mounted(node.target('data', 'three'))
    const dead = await bind(target, 'main/0')
    const ofSecond = await bind(second, 'main/0')
    // a bind of a living client among those of the dead volume
    const strange = `${node.dir}/pods/two/volume-subpaths/data/main/1`
    mkdirSync(strange)
    await execa('mount', ['--bind', `${live}/directory`, strange])
    const ofLive = await bind(live, 'main/0')
    for (const pid of await clients()) if (pid !== alive) signal(pid, 'SIGKILL')
    await scene.evictAll('/live')
    await unmounted(second)
    const [report] = await recover()
    t.match(report, {
      target,
      outcome: 'recovered',
      subPaths: [dead],
      code: 'EDEAD',
      message: `${strange} is not of the volume that is mounted now, and was left alone: it answers: directory`,
      hint: `if container main does not start because of it: umount -l ${strange}`,
    })
    t.strictSame(mountsOn(dead), [])
    for (const path of [strange, ofLive, ofSecond]) t.equal(mountsOn(path).length, 1, `${path} stays`)
    const text = await run('recover')
    t.match(text, { code: 1, out: /^failed: .*\(subPath; pod two\)\n {2}EDEAD: .*\n {2}hint: .*umount -l/ })
    await ended(strange, ofLive, ofSecond)
    for (const path of [live, target]) await unmounted(path)
    t.strictSame(await node.settled(), NOTHING)
  })

  await t.test('of a volume that an older release has recovered, and of a mount call', async t => {
    const target = await mounted(node.target('data', 'four'))
    const first = await bind(target, 'main/0')
    await killClients()
    t.match(await recover(), [{ outcome: 'recovered', subPaths: [first] }])
    const second = await bind(target, 'main/1')
    await killClients()
    // what is left of the client is the bind alone
    for (const _ of mountsOn(target)) await ended(target)
    t.strictSame((await node.mount(target, admin)).reply, SUCCESS, 'a mount call')
    t.strictSame(mountsOn(second), [], 'detaches it')
    const third = await bind(target, 'main/2')
    const old = mountsOn(third)
    await killClients()
    t.strictSame((await node.mount(target, admin)).reply, SUCCESS, 'one that replaces a dead mount')
    t.strictSame([old.length, mountsOn(third)], [1, []], 'detaches it, too')
    await unmounted(target)
    t.strictSame(await node.settled(), NOTHING)
  })
})
