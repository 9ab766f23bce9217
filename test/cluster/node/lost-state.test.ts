// A live volume is found by its client where the state of its mount is lost.

import { readFileSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import type { MountStatus } from '../../../src/core/node/status.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { signal } from '../../lab/signal.js'
import { cephflex, resultsOf } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

t.test('a healthy volume whose state is lost', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const env = node.environment
  const key = base64(cluster.adminKey)
  const volume = { monitors: cluster.monitors, mounter: 'fuse', 'kubernetes.io/secret/key': key }
  const target = node.target()
  const health = async () => JSON.parse((await cephflex(['status', '--json'], { env })).out) as MountStatus[]
  const doctor = async () => resultsOf(await cephflex(['doctor', '--json'], { env }))

  t.equal((await node.mount(target, volume)).reply.status, 'Success')
  const spoil = ['mount -t tmpfs -o ro,mode=700 none "$1"', 'umount "$1"', 'rm -r "$1"/state']
  for (const script of spoil) {
    await execa('sh', ['-ec', script, 'sh', node.runDirectory])
    t.match(await health(), [{ target, health: 'healthy' }], script)
    const { mounts, orphans } = await doctor()
    t.match(mounts, { status: 'pass', message: '1 mount, all answer' })
    t.match(orphans, { status: 'pass' }, 'its client is not called left over')
  }
  t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
  t.match(await health(), [])

  const config = JSON.parse(readFileSync(node.configFile, 'utf8')) as object
  writeFileSync(node.configFile, JSON.stringify({ ...config, kubeletRoots: [node.dir] }))
  t.equal((await node.mount(target, volume)).reply.status, 'Success')
  const [mount] = await health()
  await execa('rm', ['-r', `${node.runDirectory}/state`])
  signal(mount?.pid, 'SIGKILL')
  t.match(await health(), [{ target, health: 'dead' }], 'below kubeletRoots: a dead mount is not lost either')
  t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
})
