// A mount that lives in another mount namespace, or whose client runs in a PID namespace: not "gone", and never mounted
// a second time. It can be unmounted from anywhere.

import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { shareNode, startNamespace } from '../../lab/namespace.js'
import { DRIVER, makeNode, type TestNode } from '../../lab/node.js'
import { signal } from '../../lab/signal.js'
import { cephflex } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

const SUCCESS = { status: 'Success' }

t.test('mount namespaces', async t => {
  const cluster = await startCluster(t)
  const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  const setUp = async (t: Test) => {
    const node = makeNode(t, { recovery: true })
    await shareNode(t, node)
    return { node, target: node.target() }
  }
  const clients = (node: TestNode) => node.leftovers().processes.filter(line => /^\S*ceph-fuse/.test(line))
  const ask = async (node: TestNode, ...args: string[]): Promise<unknown> => {
    const { out, err } = await cephflex([...args, '--json'], { env: node.environment })
    return out === '' ? err : JSON.parse(out)
  }
  /** The same in a PID namespace, where the processes of the node are hidden. */
  const askBlind = async (node: TestNode, ...args: string[]): Promise<unknown> => {
    const spaces = ['-m', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
    const { stdout, stderr } = await execa('unshare', [...spaces, DRIVER, ...args, '--json'], {
      env: node.environment,
      reject: false,
    })
    return stdout === '' ? stderr : JSON.parse(stdout)
  }

  const killClient = async (node: TestNode) => {
    const [mount] = (await ask(node, 'status')) as { pid: number }[]
    signal(mount?.pid, 'SIGKILL')
    await node.settled()
  }

  await t.test(
    'the mount is only in the namespace of the kubelet, then only in that of its client',
    async t => {
      const { node, target } = await setUp(t)
      const kubelet = await startNamespace(t, node, { propagation: 'slave', comm: 'containerd' })
      t.strictSame(await kubelet.mount(target, volume), SUCCESS)
      t.strictSame(node.mountsOn(target), [], 'the node does not show it')
      t.match(await ask(node, 'status'), [{ target, health: 'healthy' }], 'a container runtime sees it')
      await kubelet.end()
      t.match(await ask(node, 'status'), [{ target, health: 'hidden' }], 'no container runtime sees it')
      t.strictSame(await ask(node, 'recover'), [], 'its client lives')
      t.match(await ask(node, 'reap'), [
        { target, outcome: 'kept', reason: /mount namespace of process \d+/ },
      ])
      t.match(await askBlind(node, 'status'), [{ target, health: 'unknown' }], 'in a PID namespace')
      t.match(await askBlind(node, 'recover'), [
        { target, was: 'unknown', outcome: 'failed', code: 'EHIDDEN', hint: /hostPID/ },
      ])
      t.match(await askBlind(node, 'reap'), [
        { target, outcome: 'kept', reason: /does not see the processes/ },
      ])
      t.equal(clients(node).length, 1, 'there is still one client')
      t.strictSame(node.mountsOn(target), [], 'nothing was mounted')
      t.strictSame((await node.unmount(target)).reply, SUCCESS, 'it is unmounted from the node')
      const { processes, files } = await node.settled()
      t.strictSame([processes, files], [[], []], 'nothing is left')
    },
  )

  await t.test('commands and calls in a namespace that does not show the mounts of the node', async t => {
    const { node, target } = await setUp(t)
    const timer = await startNamespace(t, node, { propagation: 'private' })
    t.strictSame((await node.mount(target, volume)).reply, SUCCESS)
    const inTimer = async (...args: string[]) =>
      JSON.parse((await timer.inside(DRIVER, [...args, '--json'])).stdout) as unknown
    t.match(await inTimer('status'), [{ target, health: 'healthy', sizeBytes: Number }])
    t.strictSame(await inTimer('recover'), [])
    await killClient(node)
    t.match(await inTimer('status'), [{ target, health: 'dead' }])
    t.match(await inTimer('recover'), [
      { target, was: 'dead', outcome: 'failed', code: 'EHIDDEN', hint: /nsenter --target \d+ --mount/ },
    ])
    t.strictSame(clients(node), [], 'no client was started')
    t.match(await ask(node, 'recover'), [{ target, was: 'dead', outcome: 'recovered' }], 'the node can')
    t.equal(clients(node).length, 1)
    t.strictSame(await timer.unmount(target), SUCCESS, 'an unmount there')
    t.strictSame(node.mountsOn(target), [], 'unmounts it on the node')
    t.strictSame((await node.settled()).processes, [])
  })

  await t.test('recovery in a copy of the namespace of the node', async t => {
    const { node, target } = await setUp(t)
    t.strictSame((await node.mount(target, volume)).reply, SUCCESS)
    const copy = await startNamespace(t, node, { propagation: 'slave' })
    await killClient(node)
    const before = node.mountsOn(target)
    const { stdout } = await copy.inside(DRIVER, ['recover', '--json'])
    t.match(JSON.parse(stdout), [{ target, was: 'dead', outcome: 'failed', code: 'EHIDDEN' }])
    t.strictSame(node.mountsOn(target), before)
    t.strictSame((await node.settled()).processes, [], 'the new client has ended')
    t.strictSame((await node.unmount(target)).reply, SUCCESS)
  })
})
