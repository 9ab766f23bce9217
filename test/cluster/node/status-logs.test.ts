import t from 'tap'
import type { MountStatus } from '../../../src/core/node/status.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { signal } from '../../lab/signal.js'
import { cephflex, PROGRAM } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

t.test('status and logs', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const env = node.environment
  await cluster.mkdir('/web', { quotaBytes: 64 * 1024 * 1024 })
  const key = await cluster.addUser('web', { mds: 'allow rw path="/web"', mon: 'allow r', osd: 'allow rw' })
  const options = { monitors: cluster.monitors, user: 'web', path: '/web', mounter: 'fuse' }
  t.match(await cephflex(['status'], { env }), { code: 0, out: 'no volume is mounted' })
  const target = node.target('data', 'uid-1')
  const pod = {
    'kubernetes.io/pod.name': 'web-0',
    'kubernetes.io/pod.namespace': 'shop',
    'kubernetes.io/pvOrVolumeName': 'data',
  }
  const all = { ...options, ...pod, 'kubernetes.io/secret/key': base64(key) }
  await node.mount(target, { ...all, path: '/web/nope' })
  await node.mount(target, all)
  const list = async () => JSON.parse((await cephflex(['status', '--json'], { env })).out) as MountStatus[]
  const [mount] = await list()
  t.match(mount, {
    target,
    pod: 'web-0',
    namespace: 'shop',
    volume: 'data',
    client: 'fuse',
    health: 'healthy',
    sizeBytes: 67_108_864,
    path: '/web',
  })
  t.ok((mount?.pid ?? 0) > 1 && (mount?.ageS ?? -1) >= 0)
  t.notOk(mount?.lastError, 'an error before a later success does not count')
  const shown = await cephflex(['status'], { env })
  t.match(shown.out, /^HEALTH +NAMESPACE +POD .*\nhealthy +shop +web-0 +data +fuse +\d+ +1 +\d+M +\d+s +64M /)
  t.notMatch(shown.out, '\u001B')

  await cluster.ctl('mds', 'pause')
  t.match(await list(), [{ health: 'hung' }], 'what the client has in its cache is no answer')
  await cluster.ctl('mds', 'resume')

  const child = node.start(['logs', '--follow', '--pod', 'web-0'], PROGRAM)
  await new Promise(resolve => setTimeout(resolve, 3_000))
  signal(mount?.pid, 'SIGKILL')
  t.match(await list(), [{ health: 'dead', recoverable: false }])
  t.match((await cephflex(['status'], { env })).out, /delete the pod\. With "recovery": true in /)
  await node.unmount(target)
  await new Promise(resolve => setTimeout(resolve, 3_000))
  child.kill('SIGINT')
  const { all: followed, exitCode } = await child
  t.equal(exitCode, 0)
  t.match(followed, /mount\[\d+\] failed .*code=ENOPATH/, 'the log of this pod')
  t.match(followed, /unmount\[\d+\] done/, 'new lines appear while it is followed')
  const [first] = (await cephflex(['logs', '--json', '--lines', '1', '--target', target], { env })).out.split(
    '\n',
  )
  t.match(JSON.parse(first ?? ''), { call: 'unmount', event: 'done' })
  t.notOk(`${followed}${shown.out}`.includes(key), 'no key')
})
