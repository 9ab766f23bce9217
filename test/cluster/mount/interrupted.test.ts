import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { base64 } from '../../support/volumes.js'

t.test('a call that is interrupted', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const options = JSON.stringify({
    monitors: cluster.monitors,
    timeoutSeconds: '20',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  })
  const keyFiles = () => readdirSync(node.keyrings, { withFileTypes: true }).length

  /** A mount call that waits for the MDS, with ceph-fuse started and the key in its file. */
  const stuckMount = async (target: string) => {
    await cluster.ctl('mds', 'pause')
    const child = node.start(['mount', target, options])
    while (node.leftovers().processes.filter(line => line.startsWith('ceph-fuse')).length === 0)
      await sleep(20)
    t.equal(keyFiles(), 1, 'the key file exists while ceph-fuse runs')
    // in an object, since the child itself is a promise
    return { child }
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    await t.test(`${signal}: answers, and undoes its changes`, async t => {
      const target = node.target()
      const { child } = await stuckMount(target)
      child.kill(signal)
      const { reply, ms } = await node.finish(child)
      t.match(reply, { status: 'Failure', message: /^EINTERRUPTED: / })
      t.ok(ms < 10_000, `at once: ${Math.round(ms)} ms`)
      t.strictSame(node.leftovers(), NOTHING)
      await cluster.ctl('mds', 'resume')
      await sleep(1_500)
      t.strictSame(node.leftovers(), NOTHING, 'nothing is mounted later')
    })

  await t.test('SIGKILL: the next call removes the leftovers', async t => {
    const target = node.target()
    const { child } = await stuckMount(target)
    child.kill('SIGKILL')
    await child
    t.equal(keyFiles(), 1, 'the killed call could not remove its key file')
    t.ok(node.leftovers().processes.length > 0, 'nor its ceph-fuse')
    await cluster.ctl('mds', 'resume')
    t.strictSame((await node.call('mount', target, options)).reply, { status: 'Success' })
    t.equal(node.mountsOn(target).length, 1, 'mounted once')
    t.equal(keyFiles(), 0, 'no key is left')
    t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
    t.strictSame(node.leftovers(), NOTHING)
  })

  await t.test('a second call waits for the first one, or names it', async t => {
    const target = node.target()
    const { child } = await stuckMount(target)
    const { reply } = await node.call('mount', target, options.replace('"20"', '"5"'))
    t.match(reply, {
      status: 'Failure',
      message: new RegExp(`^ELOCKED: "mount ${target}" of pid ${child.pid}`),
    })
    child.kill('SIGTERM')
    await child
    await cluster.ctl('mds', 'resume')
  })
})
