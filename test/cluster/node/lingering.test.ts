// A client that outlives its mount is found by its arguments: nothing else knows it. A shared one keeps its place.
import { mkdirSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import type { MountStatus } from '../../../src/core/node/status.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { cephflex, resultsOf } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

for (const clientSharing of ['pod', 'node'] as const)
  t.test(`a subPath that still has the volume mounted: ${clientSharing}`, async t => {
    const cluster = await startCluster(t)
    await cluster.mkdir('/dir')
    const node = makeNode(t)
    const env = node.environment
    const target = node.target()
    const volume = {
      monitors: cluster.monitors,
      mounter: 'fuse',
      clientSharing,
      'kubernetes.io/secret/key': base64(cluster.adminKey),
    }
    const orphans = async () =>
      resultsOf(await cephflex(['doctor', '--json', '--check', 'orphans'], { env }))['orphans']
    const status = async () =>
      JSON.parse((await cephflex(['status', '--json'], { env })).out) as MountStatus[]

    t.equal((await node.mount(target, volume)).reply.status, 'Success')
    t.match(await orphans(), { status: 'pass' }, 'a client in use is no orphan')
    const [before] = await status()
    const subPath = `${node.dir}/subpath`
    mkdirSync(subPath)
    await execa('mount', ['--bind', `${target}/dir`, subPath])
    t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
    t.strictSame(node.mountsOn(target), [], 'the target is unmounted')
    const [row, ...others] = await status()
    t.match(row, { pid: before?.pid, targets: 0 }, 'status shows the client')
    t.strictSame(others, [])
    const [health, message] =
      clientSharing === 'pod'
        ? ['gone', `ceph-fuse ${before?.pid} is still running without its mount ${target}`]
        : [
            'healthy',
            `the client ${before?.pid} mounted on ${row?.target} serves no pod but is still mounted on ${subPath}`,
          ]
    t.match(row, { health })
    t.match(await orphans(), { status: 'warn', message }, 'doctor names the client')
    const reap = async () => JSON.parse((await cephflex(['reap', '--json'], { env })).out) as unknown
    if (clientSharing === 'node')
      t.match(await reap(), [{ outcome: 'kept', reason: `it is still mounted on ${subPath}` }])
    await execa('umount', [subPath])
    if (clientSharing === 'node') t.match(await reap(), [{ outcome: 'removed', target: row?.target }])
    t.strictSame(await node.settled(), NOTHING)
    t.match(await orphans(), { status: 'pass', message: /no mount or daemon was left over/ })
    t.strictSame(await status(), [])
  })
