import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { devCluster } from '../../../src/cli/dev-cluster/dev-cluster.js'
import { devClusterStatus } from '../../../src/ops/dev-cluster/control.js'
import { type StartOptions, startDevCluster } from '../../../src/ops/dev-cluster/start.js'
import { stopDevCluster } from '../../../src/ops/dev-cluster/stop.js'
import { files } from '../../../src/system/files.js'
import { findProcesses } from '../../../src/system/find-processes.js'
import { asyncFiles } from '../../../src/system/programs.js'
import { newClusterDir, startCluster } from '../../lab/cluster.js'

const COMMAND = new URL('../../../src/cli/dev-cluster/dev-cluster.js', import.meta.url).href

/** What a cluster in this directory, or a failed start of one, has left on the node. */
const traces = (dir: string): string[] => [
  ...findProcesses(argv => argv.some(text => text.includes(dir))).map(({ argv }) => argv.join(' ')),
  ...(files.read('/proc/self/mountinfo') ?? '').split('\n').filter(line => line.includes(dir)),
  ...(files.kind(dir) === 'missing' ? [] : [dir, ...files.list(dir)]),
]

/** Runs a `dev-cluster` command as the program does. */
const run = async (...argv: string[]) => {
  const lines: string[] = []
  const io = { out: (line: string) => lines.push(line), err: () => undefined, tty: false }
  const command = devCluster(io).exitOverride()
  for (const part of command.commands) part.exitOverride().configureOutput({ writeErr: () => undefined })
  try {
    await command.parseAsync(argv, { from: 'user' })
    return { exitCode: 0, lines }
  } catch (error) {
    return { exitCode: 1, lines, error }
  }
}

const states = async (dir: string) =>
  Object.fromEntries((await devClusterStatus(dir)).daemons.map(({ name, state }) => [name, state]))

const mode = async (path: string) => (await execa('stat', ['-c', '%a', path])).stdout

const failingStart = async (t: Test, dir: string, options: StartOptions) => {
  t.teardown(() => stopDevCluster(dir))
  return startDevCluster(dir, options).then(
    () => undefined,
    (error: unknown) => error,
  )
}

t.test('start, status, env, stop', async t => {
  const dir = newClusterDir()
  t.teardown(() => stopDevCluster(dir))
  t.match(await run('start', dir), { exitCode: 0, lines: [/^CephFS is up in /] })
  t.equal(await mode(dir), '700')
  for (const name of ['ceph.conf', 'keyring', 'keyring.boot', 'osd/keyring', 'cluster.json', 'log/mon.out'])
    t.equal(await mode(`${dir}/${name}`), '600', name)

  const { lines } = await run('status', dir)
  t.match(lines, [
    /^mon +running \d+$/,
    /^osd +running \d+$/,
    /^mds +running \d+$/,
    /^mds2 +absent$/,
    /^mgr +absent$/,
  ])
  t.equal(lines[5], 'cephfs  active')

  const env = await run('env', dir)
  const { stdout } = await execa('sh', ['-c', `${env.lines.join('\n')}\nprintenv`], { env: {} })
  t.match(stdout, new RegExp(`^CEPH_CONF=${dir}/ceph.conf$`, 'm'))
  t.match(stdout, /^CEPHFLEX_MONITORS=v1:127\.0\.0\.1:\d+$/m)
  const key = /key = (\S+)/.exec(files.read(`${dir}/keyring`) ?? '')?.[1] ?? 'none'
  t.equal(key.length, 40)
  t.notOk(env.lines.join().includes(key), 'the key is not in the environment')
  const json = JSON.parse((await run('env', dir, '--json')).lines[0] ?? '') as Record<string, string>
  t.equal(json['CEPHFLEX_ADMIN_KEYRING'], `${dir}/keyring`)

  t.match(await run('start', dir), { error: { code: 'ECLUSTER', message: /already contains a cluster/ } })
  t.match(await run('status', dir), { exitCode: 0 }, 'and the cluster still works')

  t.match(await run('stop', dir), { exitCode: 0 })
  t.strictSame(traces(dir), [])
  t.match(await run('stop', dir), { exitCode: 0 }, 'a second stop is no error')
  t.match(await run('status', dir), { error: { code: 'ECLUSTER', message: /there is no cluster/ } })
})

t.test('daemons are paused, killed and started again', async t => {
  const { dir } = await startCluster(t)
  t.match(await run('ctl', dir, 'mds', 'pause'), { exitCode: 0 })
  t.match(await states(dir), { mds: 'paused' })
  t.match(await run('ctl', dir, 'mds', 'resume'), { exitCode: 0 })
  t.match(await states(dir), { mds: 'running' })
  t.match(await run('ctl', dir, 'mds', 'run'), { error: { code: 'ECLUSTER', message: /is already running/ } })

  t.match(await run('ctl', dir, 'osd', 'term'), { exitCode: 0 })
  t.match(await states(dir), { osd: 'dead' }, 'it has ended when "term" returns')
  t.match(await run('status', dir), { exitCode: 1, error: { exitCode: 1, message: '' } })
  t.match(await run('ctl', dir, 'osd', 'pause'), { error: { code: 'ECLUSTER', message: /is not running/ } })
  t.match(await run('ctl', dir, 'osd', 'run'), { exitCode: 0 })
  t.match(await run('ctl', dir, 'mon', 'kill'), { exitCode: 0 })
  const [line = ''] = (await run('status', dir, '--json')).lines
  t.match(JSON.parse(line), { ok: false, fileSystems: [{ name: 'cephfs', state: 'unknown' }] })
  t.match(await run('ctl', dir, 'mon', 'run'), { exitCode: 0 })
  for (let tries = 0; tries < 100 && !(await devClusterStatus(dir)).ok; tries += 1) await sleep(50)
  t.match(await run('status', dir), { exitCode: 0 }, 'the monitor has kept its data')

  t.match(await run('ctl', dir, 'mgr', 'run'), { error: { message: /is not part of this cluster/ } })
  t.match(await run('ctl', dir, 'mom', 'run'), { error: { code: 'commander.invalidArgument' } })
})

t.test('several at once; stopping one leaves the other alone', async t => {
  const [one, two] = await Promise.all([startCluster(t), startCluster(t, { address: 'auto' })])
  t.not(one.fsid, two.fsid)
  t.match(
    two.monitors,
    /^v1:127\.\d+\.\d+\.\d+:6789$/,
    'a cluster with an address of its own uses the standard ports',
  )
  await stopDevCluster(one.dir)
  t.strictSame(traces(one.dir), [])
  t.match(await run('status', two.dir), { exitCode: 0 })
})

t.test('manager, second file system, IPv6', async t => {
  const cluster = await startCluster(t, { mgr: true, secondFs: true, ipv6: true })
  t.match(cluster.monitors, /^v1:\[::1\]:\d+$/)
  const status = await devClusterStatus(cluster.dir)
  t.match(status, {
    ok: true,
    fileSystems: [
      { name: 'cephfs', state: 'active' },
      { name: 'second', state: 'active' },
    ],
  })
  t.ok(status.daemons.every(({ state }) => state === 'running'))
  t.strictSame(await cluster.session().command('mgr', { prefix: 'fs subvolume ls', vol_name: 'second' }), [])
})

t.test('bluestore keeps its objects when the OSD is killed', async t => {
  const cluster = await startCluster(t, { store: 'bluestore' })
  await cluster.writeFile('/file', 'kept')
  await cluster.ctl('osd', 'kill')
  await cluster.ctl('osd', 'run')
  const target = `${cluster.dir}/mnt`
  await asyncFiles.ensureDir(target)
  await execa('ceph-fuse', ['-c', cluster.conf, target])
  t.equal((await execa('cat', [`${target}/file`])).stdout, 'kept')
})

t.test('stop ends clients and mounts, also of a paused cluster', async t => {
  const cluster = await startCluster(t)
  const below = `${cluster.dir}/mnt/a b`
  const outside = t.testdir()
  t.teardown(() => execa('umount', ['-l', outside], { reject: false }))
  await asyncFiles.ensureDir(below)
  await execa('ceph-fuse', ['-c', cluster.conf, below])
  // only the monitor's address shows which cluster this client belongs to
  await execa('ceph-fuse', [
    '-m',
    cluster.monitors,
    '-n',
    'client.admin',
    '-k',
    cluster.adminKeyring,
    outside,
  ])
  const pids = findProcesses(
    argv => argv[0] === 'ceph-fuse' && (argv.includes(below) || argv.includes(outside)),
  )
  t.equal(pids.length, 2)
  await cluster.ctl('mon', 'pause')
  await cluster.ctl('mds', 'pause')
  await stopDevCluster(cluster.dir)
  t.strictSame(traces(cluster.dir), [])
  t.strictSame(traces(below), [])
  const left = findProcesses(argv => argv[0] === 'ceph-fuse' && argv.includes(outside))
  t.strictSame(left, [])
})

t.test('a directory in use is left alone', async t => {
  const dir = t.testdir({ mine: 'text' })
  t.match(await failingStart(t, `${dir}/mine/x`, {}), Error)
  for (const argv of [
    ['start', dir],
    ['stop', dir],
  ])
    t.match(await run(...argv), { error: { code: 'ECLUSTER' } })
  t.equal(files.read(`${dir}/mine`), 'text')
})

t.test('missing packages', async t => {
  const dir = newClusterDir()
  const error = await failingStart(t, dir, { searchPath: '/nonexistent:/nor/this', mgr: true })
  const packages = 'ceph-mon ceph-osd ceph-mds ceph-fuse ceph-common ceph-mgr'
  t.match(error, { code: 'EPACKAGE', hint: `apt-get install --no-install-recommends ${packages}` })
  t.strictSame(traces(dir), [])
})

t.test('a daemon that fails is quoted, and nothing is left', async t => {
  const address = '127.88.77.66'
  const server = createServer()
  await new Promise<void>(resolve => server.listen({ host: address, port: 3300 }, resolve))
  t.teardown(() => server.close())
  const dir = newClusterDir()
  const error = await failingStart(t, dir, { address })
  t.match(error, { code: 'ECLUSTER', message: /^mon exited .*\n.*(bind|in use)/s })
  t.strictSame(traces(dir), [])
})

t.test('a start that is interrupted by a signal leaves nothing', async t => {
  const source = `
    import { devCluster } from '${COMMAND}'
    const io = { out: () => {}, err: line => console.log(line), tty: true }
    try {
      await devCluster(io).parseAsync(process.argv.slice(1), { from: 'user' })
    } catch (error) {
      console.log(error.code)
    }`
  for (const phase of [
    'configuration',
    'monitor store',
    'connected',
    'daemons started',
    'file systems created',
  ]) {
    const dir = newClusterDir()
    t.teardown(() => stopDevCluster(dir))
    const child = execa(process.execPath, ['--input-type=module', '-e', source, 'start', dir], {
      reject: false,
    })
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(` s  ${phase}\n`)) child.kill('SIGTERM')
    })
    const { stdout } = await child
    t.equal(stdout.split('\n').at(-1), 'EINTERRUPTED', phase)
    t.strictSame(traces(dir), [], `${phase}: nothing is left`)
  }
})
