// A pod whose directory has no volume mounted gets an error, and nothing is written to the disk of the node.
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { base64 } from '../../support/volumes.js'

/** A container that is started now: a bind mount of the directory, in a mount namespace. */
const podWrites = (target: string, inside: string, user: number) =>
  execa(
    'unshare',
    [
      '-m',
      '--propagation',
      'private',
      'sh',
      '-c',
      'mount --bind "$1" "$2" && exec setpriv --reuid "$3" sh -c "echo x > $2/file"',
    ].concat(['pod', target, inside, String(user)]),
    { reject: false },
  )

t.test('guardLocalDisk', async t => {
  const cluster = await startCluster(t)
  const volume = { monitors: cluster.monitors, 'kubernetes.io/secret/key': base64(cluster.adminKey) }
  const success = { status: 'Success' }

  const lose = async (target: string) => execa('umount', ['-c', '-l', target])

  const refusesWriters = async (t: Test, target: string, inside: string, users: readonly number[]) => {
    for (const user of users) {
      const { exitCode, stderr } = await podWrites(target, inside, user)
      t.not(exitCode, 0, `user ${user} cannot write`)
      t.match(stderr, /Operation not permitted|Permission denied/)
    }
    t.strictSame(readdirSync(target), [], 'the disk below stays empty')
  }

  await t.test('immutable', async t => {
    const node = makeNode(t, { guardLocalDisk: true })
    const target = node.target()
    const inside = `${node.dir}/container`
    mkdirSync(inside)
    const mode = statSync(target).mode
    t.strictSame((await node.mount(target, volume)).reply, success)
    writeFileSync(`${target}/on-the-volume`, '')
    await lose(target)
    await refusesWriters(t, target, inside, [0, 1000])
    t.throws(() => rmdirSync(target), { code: 'EPERM' })
    t.strictSame((await node.mount(target, volume)).reply, success, 'it can be mounted again')
    t.strictSame((await node.unmount(target)).reply, success)
    t.equal(statSync(target).mode, mode, 'as the kubelet created it')
    t.strictSame(node.leftovers(), NOTHING)
    rmdirSync(target)
    t.notOk(existsSync(target), "the kubelet's rmdir works")
  })

  await t.test('after a failure, and by a call without the option', async t => {
    const node = makeNode(t, { guardLocalDisk: true })
    const target = node.target()
    t.match((await node.mount(target, { ...volume, path: '/nope' })).reply, {
      status: 'Failure',
      message: /^ENOPATH/,
    })
    rmdirSync(target)
    t.pass('a failed mount restores the directory')
    const other = node.target('other')
    await node.mount(other, volume)
    await lose(other)
    const plain = makeNode(t)
    t.strictSame((await plain.unmount(other)).reply, success)
    rmdirSync(other)
    t.pass('so does an unmount without state, lock and option')
    // the state after a call that was killed between the two steps
    const killed = node.target('killed')
    await execa('chattr', ['+i', killed])
    t.strictSame((await plain.mount(killed, volume)).reply, success)
    t.strictSame((await plain.unmount(killed)).reply, success)
    rmdirSync(killed)
    const byHand = `${node.dir}/by-hand`
    mkdirSync(byHand)
    await execa('chattr', ['+i', byHand])
    t.strictSame((await plain.mount(byHand, volume)).reply, success)
    t.strictSame((await plain.unmount(byHand)).reply, success)
    t.throws(
      () => rmdirSync(byHand),
      { code: 'EPERM' },
      'a directory that was made immutable by hand stays so',
    )
    await execa('chattr', ['-i', byHand])
  })

  await t.test('mode 0000 where nothing can be made immutable', async t => {
    const bin = t.testdir({ chattr: '#!/bin/sh\nexit 1\n' })
    await execa('chmod', ['755', `${bin}/chattr`])
    const node = makeNode(t, { guardLocalDisk: true, searchPath: [bin] })
    const target = node.target()
    const inside = `${node.dir}/container`
    mkdirSync(inside)
    await node.mount(target, volume)
    await lose(target)
    t.equal(statSync(target).mode & 0o777, 0)
    await refusesWriters(t, target, inside, [1000])
    t.strictSame((await node.unmount(target)).reply, success)
    t.equal(statSync(target).mode & 0o777, 0o750)
    rmdirSync(target)
    t.strictSame(node.leftovers(), NOTHING)
  })
})
