// A recovery that was killed while it put the new mount over the lost one: the watch sees it, and finishes it.

import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster, type TestCluster } from '../../lab/cluster.js'
import { evictAll } from '../../lab/evict.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { observe } from '../../lab/sharing.js'
import { signal } from '../../lab/signal.js'
import { until } from '../../lab/until.js'
import { base64 } from '../../support/volumes.js'

const SUCCESS = { status: 'Success' }

type Case = { clientSharing: 'node' | 'pod'; was: 'dead' | 'gone'; isBound: boolean }

t.test('a recovery that was killed', async t => {
  const cluster = await startCluster(t)
  for (const clientSharing of ['node', 'pod'] as const)
    for (const was of ['dead', 'gone'] as const)
      for (const isBound of [false, true]) {
        const title = `${clientSharing}, ${was}, ${isBound ? 'after' : 'before'} the new mount is bound`
        await t.test(title, t => heals(t, cluster, { clientSharing, was, isBound }))
      }
})

async function heals(t: Test, cluster: TestCluster, { clientSharing, was, isBound }: Case) {
  const bin = t.testdir()
  const node = makeNode(t, { clientSharing, recovery: true, searchPath: [bin] })
  const target = node.target()
  const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  t.strictSame((await node.mount(target, volume)).reply, SUCCESS)
  for (const pid of await observe(node).clients()) signal(pid, 'SIGKILL')
  await evictAll(cluster)
  if (was === 'gone') await execa('umount', ['-c', '-l', target])

  killAtBind(`${bin}/mount`, isBound)
  t.equal((await node.start(['recover'])).signal, 'SIGKILL', 'the recovery is killed')

  const metrics = `${node.dir}/cephflex.prom`
  const watch = node.start(['recover', '--watch', '--metrics', metrics])
  t.teardown(() => watch.kill('SIGKILL'))
  t.ok(await until('it looks', () => existsSync(metrics)))
  const isWritable = async () =>
    node.mountsOn(target).length > 0 &&
    (await execa('timeout', ['2', 'touch', `${target}/again`], { reject: false })).exitCode === 0
  const isOne = async () => (await observe(node).clients()).length === 1
  const isFinished = () => !node.states().some(({ unfinished }) => unfinished)
  t.ok(await until('it heals', async () => isFinished() && (await isOne()) && isWritable()))
  watch.kill('SIGTERM')
  t.equal((await watch).exitCode, 0)
  t.strictSame((await node.unmount(target)).reply, SUCCESS)
  t.strictSame(await node.settled(), NOTHING, 'nothing is left')
  t.notOk(
    readdirSync(`${node.dir}/log`).some(name => name.startsWith('client-')),
    'nor a log of a client',
  )
}

/** Puts a mount(8) that kills its parent, once, before or after it has made a bind mount. */
function killAtBind(path: string, isBound: boolean) {
  const onBind = `rm "$0"; ${isBound ? '/bin/mount "$@"' : ':'}; kill -9 $PPID`
  const lines = ['#!/bin/sh', `case "$*" in *--bind*) ${onBind} ;; *) exec /bin/mount "$@" ;; esac`, '']
  writeFileSync(path, lines.join('\n'), { mode: 0o755 })
}
