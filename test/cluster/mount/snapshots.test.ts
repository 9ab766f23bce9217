// Snapshots as volumes, and paths that are not what they look like, on a real cluster.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import t, { type Test } from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { signal } from '../../lab/signal.js'
import { until } from '../../lab/until.js'
import { cephflex } from '../../support/cli.js'
import { base64 } from '../../support/volumes.js'

/** A client that has just removed snapshots takes 1 s to end, but sometimes a little more than 10 s. */
const LEAVING_MS = 30_000

t.test('paths', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t)
  const admin = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    clientSharing: 'pod',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  const webKey = await cluster.addUser('web', {
    mds: 'allow rw path="/dir"',
    mon: 'allow r',
    osd: 'allow rw',
  })
  const web = { ...admin, user: 'web', 'kubernetes.io/secret/key': base64(webKey) }
  const root = node.target('root')
  t.equal((await node.mount(root, admin)).reply.status, 'Success')
  mkdirSync(`${root}/dir/sub/deep`, { recursive: true })
  writeFileSync(`${root}/dir/file`, 'old')
  writeFileSync(`${root}/dir/sub/deep/file`, 'deep')
  symlinkSync('/etc', `${root}/dir/host`)
  symlinkSync('..', `${root}/dir/up`)
  symlinkSync('dir', `${root}/link`)
  symlinkSync('/mnt/somewhere', `${root}/absolute`)
  mkdirSync(`${root}/dir/.snap/first`)
  mkdirSync(`${root}/dir/.snap/second`)
  writeFileSync(`${root}/dir/file`, 'new')

  const fails = async (t: Test, options: Record<string, string>, message: RegExp) => {
    const target = node.target()
    const { reply } = await node.mount(target, options)
    t.match(reply.message, message)
    t.strictSame(node.mountsOn(target), [], 'nothing is mounted')
    t.strictSame(node.leftovers().mounts, [root], 'and nothing is left elsewhere')
  }

  for (const [title, user] of [
    ['the admin', admin],
    ['a user with caps for the directory', web],
  ] as const)
    await t.test(`a snapshot, by ${title}`, async t => {
      const target = node.target()
      const options = { ...user, path: '/dir/.snap/first' }
      t.strictSame((await node.mount(target, options)).reply, { status: 'Success' })
      t.equal(readFileSync(`${target}/file`, 'utf8'), 'old', 'shows the files as they were')
      t.strictSame(readdirSync(target).sort(), ['file', 'host', 'sub', 'up'])
      t.throws(() => writeFileSync(`${target}/other`, ''), { code: 'EROFS' }, 'cannot be written')
      t.throws(() => mkdirSync(`${target}/other`), { code: 'EROFS' })
      t.equal(node.mountsOn(target).length, 1)
      t.strictSame(readdirSync(`${node.runDirectory}/private`), [], 'no stage is left')
      t.strictSame((await node.mount(target, options)).reply, { status: 'Success' }, 'again: it is there')
      t.equal(node.mountsOn(target).length, 1)
      t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
      const { mounts, processes } = await node.settled(LEAVING_MS, [root])
      t.strictSame(mounts, [root], 'unmounted')
      t.strictSame(
        processes.map(line => line.includes(root)),
        [true],
        'its client has ended; that of the root stays',
      )
    })

  await t.test('a directory in a snapshot, and all snapshots', async t => {
    const target = node.target()
    t.equal(
      (await node.mount(target, { ...admin, path: 'dir/.snap/first/sub/deep/' })).reply.status,
      'Success',
    )
    t.strictSame(readdirSync(target), ['file'])
    await node.unmount(target)
    t.equal((await node.mount(target, { ...web, path: '/dir/.snap' })).reply.status, 'Success')
    t.strictSame(readdirSync(target).sort(), ['first', 'second'])
    t.throws(() => mkdirSync(`${target}/third`), 'no snapshot can be made')
    await node.unmount(target)
    t.equal((await node.mount(target, { ...admin, path: '/dir/sub/.snap' })).reply.status, 'Success')
    const [inherited = ''] = readdirSync(target)
    await node.unmount(target)
    t.equal(
      (await node.mount(target, { ...admin, path: `/dir/sub/.snap/${inherited}` })).reply.status,
      'Success',
    )
    t.strictSame(readdirSync(target), ['deep'], `a snapshot of the directory above: ${inherited}`)
    await node.unmount(target)
  })

  await t.test('another name of the snapshot directory', async t => {
    const target = node.target()
    const options = { ...admin, path: '/dir/.old/first', fuseOptions: 'client_snapdir=.old' }
    t.equal((await node.mount(target, options)).reply.status, 'Success')
    t.equal(readFileSync(`${target}/file`, 'utf8'), 'old')
    await node.unmount(target)
    await fails(t, { ...options, path: '/dir/.snap/first' }, /^ENOPATH: \/dir\/.snap\/first does not exist/)
  })

  await t.test('what is no snapshot', async t => {
    await fails(
      t,
      { ...admin, path: '/dir/.snap/third' },
      /^ENOPATH: there is no snapshot "third" of \/dir: it has "first", "second"\. Hint: /,
    )
    await fails(
      t,
      { ...admin, path: '/dir/.snap/first/x' },
      /^ENOPATH: x does not exist in the snapshot "first" of \/dir/,
    )
    await fails(t, { ...admin, path: '/none/.snap/first' }, /^ENOPATH: \/none does not exist/)
    await fails(
      t,
      { ...admin, path: '/dir/.snap/first/file' },
      /^ENOTDIR: \/dir\/.snap\/first\/file is a regular file/,
    )
    await fails(t, { ...web, path: '/.snap/first' }, /^EDENIED: .* is not allowed to mount \/; .*snapshot/)
    for (const link of ['host', 'up', 'host/ssl', 'up/dir'])
      await fails(
        t,
        { ...admin, path: `/dir/.snap/first/${link}` },
        /^ENOTDIR: \/dir\/.snap\/first\/(host|up) is a symbolic link/,
      )
  })

  await t.test('a symbolic link is named as one', async t => {
    await fails(
      t,
      { ...admin, path: '/link' },
      /^ENOTDIR: \/link is a symbolic link to dir, .*Hint: set the volume option path to \/dir$/,
    )
    await fails(
      t,
      { ...admin, path: '/link/sub' },
      /^ENOTDIR: \/link is a symbolic link to dir, .*Hint: set the volume option path to \/dir\/sub$/,
    )
    await fails(
      t,
      { ...admin, path: '/absolute' },
      /^ENOTDIR: \/absolute is a symbolic link to \/mnt\/somewhere/,
    )
    await fails(
      t,
      { ...admin, path: '/dir/file' },
      /^ENOTDIR: \/dir\/file is a regular file, not a directory/,
    )
    await fails(
      t,
      { ...admin, path: '/dir/file/x' },
      /^ENOTDIR: \/dir\/file is a regular file, not a directory/,
    )
  })

  await t.test('a path with a blank or an invisible character is quoted', async t => {
    for (const [path, shown] of [
      ['/dir ', '"/dir "'],
      ['/dir\u200b', '"/dir\\u{200b}"'],
      ['/dir\u00a0', '"/dir\\u{a0}"'],
      ['/\ufeffdir', '"/\\u{feff}dir"'],
      ['/dir\u202e', '"/dir\\u{202e}"'],
      ['/dire\u0301', '"/dire\\u{301}"'],
      ['/données', '/données'],
    ] as const) {
      const { reply } = await node.mount(node.target(), { ...admin, path })
      t.ok(reply.message?.startsWith(`ENOPATH: ${shown} does not exist`), reply.message ?? reply.status)
    }
    mkdirSync(`${root}/my dir `)
    t.equal((await node.mount(node.target(), { ...admin, path: '/my dir ' })).reply.status, 'Success')
    await node.unmount(node.target())
    rmdirSync(`${root}/my dir `)
  })

  for (const snapshot of ['first', 'second']) rmdirSync(`${root}/dir/.snap/${snapshot}`)
  t.ok(existsSync(root))
  await node.unmount(root)
  t.strictSame(await node.settled(LEAVING_MS), NOTHING)
})

t.test('recover mounts a snapshot again', async t => {
  const cluster = await startCluster(t)
  const node = makeNode(t, { recovery: true })
  const options = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(cluster.adminKey),
  }
  const root = node.target('root')
  await node.mount(root, options)
  mkdirSync(`${root}/dir`)
  writeFileSync(`${root}/dir/file`, 'old')
  mkdirSync(`${root}/dir/.snap/first`)
  const target = node.target()
  t.equal((await node.mount(target, { ...options, path: '/dir/.snap/first' })).reply.status, 'Success')
  const [name = ''] = readdirSync(`${node.runDirectory}/state`).filter(file =>
    readFileSync(`${node.runDirectory}/state/${file}`, 'utf8').includes(`"${target}"`),
  )
  const state = JSON.parse(readFileSync(`${node.runDirectory}/state/${name}`, 'utf8')) as {
    process: { pid: number }
  }
  signal(state.process.pid, 'SIGKILL')
  await until('the client is gone', async () => !existsSync(target))
  const { out } = await cephflex(['recover', '--target', target, '--json'], { env: node.environment })
  t.match(out, /"outcome": ?"recovered"/)
  t.equal(readFileSync(`${target}/file`, 'utf8'), 'old')
  t.throws(() => writeFileSync(`${target}/other`, ''), { code: 'EROFS' })
  t.strictSame(readdirSync(`${node.runDirectory}/private`), [], 'no stage is left')
  await node.unmount(target)
  rmdirSync(`${root}/dir/.snap/first`)
  await node.unmount(root)
  t.strictSame(await node.settled(LEAVING_MS), NOTHING)
})
