import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { startCluster } from '../../lab/cluster.js'
import { makeNode } from '../../lab/node.js'
import { signal } from '../../lab/signal.js'
import { cephflex, type Run, resultsOf } from '../../support/cli.js'
import { base64, KEY } from '../../support/volumes.js'

t.test('a cluster', async t => {
  const cluster = await startCluster(t, { address: 'auto' })
  const node = makeNode(t, { clusters: { lab: { monitors: cluster.monitors } } })
  const env = node.environment
  await cluster.mkdir('/mine', { quotaBytes: 100 * 1024 * 1024 })
  const webKey = await cluster.addUser('web', {
    mds: 'allow rw path="/mine"',
    mon: 'allow r',
    osd: 'allow rw',
  })
  const [, address = '', port = ''] = cluster.monitors.split(':')

  const doctor = (options: Record<string, string>, ...args: string[]): Promise<Run> =>
    cephflex(['doctor', '--json', '--options', '-', ...args], { env, input: JSON.stringify(options) })
  const web = {
    monitors: cluster.monitors,
    user: 'web',
    path: '/mine',
    mounter: 'fuse',
    'kubernetes.io/secret/key': base64(webKey),
  }
  const all: [title: string, look: (t: Test) => Promise<void>][] = []
  const looks = (title: string, options: Record<string, string>, expected: Record<string, object>) =>
    all.push([
      title,
      async t => {
        const run = await doctor({ ...web, ...options })
        const results = resultsOf(run)
        for (const [id, result] of Object.entries(expected)) {
          t.match(results[id], result, `${id}: ${results[id]?.status} ${results[id]?.message}`)
          if (results[id]?.status === 'fail') t.ok(results[id]?.fix, 'with a fix')
        }
        t.ok(run.ms < 45_000, `in time: ${Math.round(run.ms)} ms`)
        t.notOk(run.out.includes(webKey), 'without the key')
      },
    ])
  const passes = { status: 'pass' }
  const skips = { status: 'skip' }
  const monitor = `monitor:${address}:${port}`

  looks(
    'everything works',
    {},
    {
      resolve: passes,
      [monitor]: { status: 'pass', message: /uses v1, \d+ ms/ },
      key: passes,
      'key-clock': passes,
      mds: passes,
      caps: passes,
      path: passes,
      quota: { status: 'pass', message: /quota is 104857600 bytes, as df shows/ },
      blocklist: passes,
    },
  )
  looks(
    'a wrong key is distinguished from a dead monitor',
    { 'kubernetes.io/secret/key': base64(KEY) },
    {
      [monitor]: passes,
      key: { status: 'fail', code: 'EREFUSED' },
      mds: skips,
      caps: skips,
    },
  )
  looks(
    'no monitor',
    { monitors: 'v1:127.0.0.1:1' },
    {
      'monitor:127.0.0.1:1': { status: 'fail', message: /refused/, fix: /nc -vz 127\.0\.0\.1 1/ },
      key: { status: 'skip', message: /no monitor answered, so the key was not checked/ },
    },
  )
  looks(
    'one of two monitors',
    { monitors: `v1:127.0.0.1:1,${cluster.monitors}` },
    {
      'monitor:127.0.0.1:1': { status: 'warn' },
      key: passes,
    },
  )
  looks(
    'an unknown host name',
    { monitors: 'nosuch.invalid' },
    {
      resolve: { status: 'fail', message: /nosuch\.invalid/, fix: 'getent hosts nosuch.invalid' },
      key: skips,
    },
  )
  looks(
    'the wrong protocol before an address',
    { monitors: `v2:${address}:${port}` },
    {
      [monitor]: {
        status: 'fail',
        message: /uses v1, not v2/,
        fix: `use v1:${address}:${port} in monitors`,
      },
    },
  )
  looks(
    'outside the caps',
    { path: '/' },
    {
      key: passes,
      caps: { status: 'fail', code: 'EDENIED', fix: /ceph fs authorize/ },
      mds: passes,
    },
  )
  looks(
    'a path that does not exist',
    { path: '/mine/nope' },
    {
      key: passes,
      path: { status: 'fail', code: 'ENOPATH' },
    },
  )

  await t.test('the results', { jobs: 2 }, async t => {
    for (const [title, look] of all) t.test(title, { buffered: true }, look)
  })
  t.strictSame(readdirSync(`${node.runDirectory}/private`), [], 'and it leaves nothing')

  await t.test('another service instead of a monitor', async t => {
    const server = createServer(socket =>
      socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.2\r\n'),
    ).listen(0, '127.0.0.1')
    t.teardown(() => server.close())
    await new Promise(resolve => server.once('listening', resolve))
    const { port: other } = server.address() as { port: number }
    const results = resultsOf(
      await doctor({ ...web, monitors: `v1:127.0.0.1:${other}` }, '--check', 'monitor'),
    )
    t.match(results[`monitor:127.0.0.1:${other}`], { status: 'fail', message: /is not a monitor/ })
  })

  await t.test('a cluster of the node configuration', async t => {
    const results = resultsOf(await cephflex(['doctor', '--json', '--cluster', 'lab'], { env }))
    t.match(results[monitor], passes)
    t.match(results['key'], { status: 'skip', message: /--key-file/ })
    const unknown = await cephflex(['doctor', '--cluster', 'lap'], { env })
    t.match(unknown, { code: 1, err: /^EBADCONFIG: cluster "lap".*known: lab/ })
  })

  await t.test('a key from the future', async t => {
    const bytes = Buffer.from(webKey, 'base64')
    bytes.writeUInt32LE(Math.floor(Date.now() / 1000) + 7200, 2)
    const results = resultsOf(
      await doctor(
        { ...web, 'kubernetes.io/secret/key': base64(bytes.toString('base64')) },
        '--check',
        'key-clock',
      ),
    )
    t.match(results['key-clock'], { status: 'warn', message: /s in the future/ })
  })

  await t.test('flags and a keyring instead of JSON', async t => {
    const keyring = `${node.dir}/keyring`
    writeFileSync(keyring, `[client.web]\n\tkey = ${webKey}\n`)
    const flags = [
      '--monitors',
      cluster.monitors,
      '--user',
      'client.web',
      '--path',
      '/mine',
      '--key-file',
      keyring,
    ]
    t.match(resultsOf(await cephflex(['doctor', '--json', ...flags], { env }))['key'], passes)
  })

  await t.test('mounts', async t => {
    const target = node.target()
    const ask = async (id: string) =>
      resultsOf(await cephflex(['doctor', '--json', '--check', id], { env }))[id]
    t.equal((await node.mount(target, web)).reply.status, 'Success')
    t.match(await ask('mounts'), { status: 'pass' })
    t.match(await ask('orphans'), { status: 'pass' })
    const pid = node.clientState()?.process?.pid ?? Number.NaN
    signal(pid, 'SIGSTOP')
    t.match(await ask('mounts'), { status: 'fail', message: new RegExp(`${target} \\(hung\\)`) })
    signal(pid, 'SIGCONT')
    signal(pid, 'SIGKILL')
    t.match(await ask('mounts'), { status: 'fail', message: new RegExp(`${target} \\(dead\\)`) })
    execFileSync('umount', ['-l', target])
    t.match(await ask('orphans'), {
      status: 'warn',
      message: /unmounted by hand/,
      fix: `cephflex unmount ${target}`,
    })
    await node.unmount(target)
    t.match(await ask('orphans'), { status: 'pass' })
    t.notOk(existsSync(`${node.runDirectory}/state/x`))
  })

  await t.test('a node on the blocklist of the cluster', async t => {
    const entry = '127.0.0.1:0/0'
    await cluster.command({ prefix: 'osd blocklist', blocklistop: 'add', addr: entry })
    const blocked = resultsOf(await doctor(web))
    t.match(blocked['blocklist'], { status: 'fail', code: 'EBLOCKED', fix: /blocklist rm/ })
    t.match(blocked['key'], passes, 'its key is still valid')
    await cluster.command({ prefix: 'osd blocklist', blocklistop: 'rm', addr: entry })
    t.match(resultsOf(await doctor(web))['blocklist'], passes)
  })

  await t.test('no metadata server', async t => {
    await cluster.ctl('mds', 'pause')
    const results = resultsOf(await doctor(web))
    t.match(results['mds'], { status: 'fail', fix: /ceph fs status/ })
    t.match(results[monitor], passes)
    await cluster.ctl('mds', 'resume')
    t.match(resultsOf(await doctor(web))['mds'], passes)
  })
})
