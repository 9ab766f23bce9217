import t from 'tap'
import { openRadosSession } from '../../../src/system/ceph/rados-session.js'
import { findProcesses } from '../../../src/system/find-processes.js'
import { asyncFiles } from '../../../src/system/programs.js'
import { startCluster } from '../../lab/cluster.js'
import { signal } from '../../lab/signal.js'

/** The helper processes that use this configuration file, which identifies a session. */
const helpers = (conf: string) => findProcesses(argv => argv[0] === '/usr/bin/python3' && argv.includes(conf))

const outcome = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)

t.test('commands', async t => {
  const cluster = await startCluster(t, { mgr: true })
  const session = openRadosSession({ conf: cluster.conf, user: 'client.admin', timeoutMs: 10_000 })
  t.teardown(() => session.close())
  await session.connect()
  t.equal(
    await session.command('mon', { prefix: 'fsid', format: 'plain' }),
    `${cluster.fsid}\n`,
    'plain text',
  )
  t.match(await session.command('mon', { prefix: 'fs ls' }), [{ name: 'cephfs' }], 'JSON is parsed')
  t.strictSame(await session.command('mgr', { prefix: 'fs subvolume ls', vol_name: 'cephfs' }), [])

  const many = await Promise.all(
    ['a', 'b', 'c'].map(key => session.ask('mon', { prefix: 'config-key exists', key })),
  )
  t.ok(
    many.every(({ code, error }, index) => code === 2 && error.includes(`'${'abc'[index]}'`)),
    'answers are in the order of the commands',
  )

  await session.command('mon', { prefix: 'config-key set', key: 'big' }, { input: 'x\n"ü'.repeat(1_000) })
  t.equal(
    await session.command('mon', { prefix: 'config-key get', key: 'big' }),
    'x\n"ü'.repeat(1_000),
    'input',
  )

  const refused = await outcome(session.command('mon', { prefix: 'no such thing' }))
  t.match(refused, { code: 'ECLUSTER', message: /^"no such thing" was refused: .*\(errno 22\)$/ })
  t.match(
    await session.command('mon', { prefix: 'fs ls' }),
    [{ name: 'cephfs' }],
    'and the session still works',
  )

  t.equal(helpers(cluster.conf).length, 1)
  const pending = outcome(session.command('mon', { prefix: 'fs ls' }))
  await session.close()
  t.match(await pending, { code: 'ENOANSWER', message: /closed/ }, 'a pending command fails')
  t.strictSame(helpers(cluster.conf), [], 'no helper is left')
  t.match(await outcome(session.ask('mon', { prefix: 'fs ls' })), { code: 'ENOANSWER' })
  await session.close()
})

t.test('the lab: users and files', async t => {
  const cluster = await startCluster(t)
  const key = await cluster.addUser('web', { mon: 'allow r', mds: 'allow r path="/v-1"', osd: 'allow r' })
  t.match(key, /^[A-Za-z0-9+/]{38}==$/)
  t.match(await cluster.command({ prefix: 'auth get', entity: 'client.web' }), [
    { entity: 'client.web', key, caps: { mds: 'allow r path="/v-1"' } },
  ])
  await cluster.mkdir('/v-1/deep', { quotaBytes: 4_194_304 })
  await cluster.writeFile('/v-1/deep/file', 'text')
  await t.rejects(cluster.writeFile('/none/file', 'text'), /No such file/)
})

t.test('a refused connection has a reason', async t => {
  const cluster = await startCluster(t)
  const connect = async (user: string, keyring?: string) => {
    const conf = `${cluster.dir}/other.conf`
    const path = `${cluster.dir}/other.keyring`
    await asyncFiles.outputFile(conf, `[global]\nmon_host = ${cluster.monitorsBoth}\nkeyring = ${path}\n`)
    if (keyring === undefined) await asyncFiles.remove(path)
    else await asyncFiles.outputFile(path, keyring)
    const session = openRadosSession({ conf, user, timeoutMs: 10_000 })
    const error = await outcome(session.ask('mon', { prefix: 'fs ls' }))
    await session.close()
    return error
  }
  const wrong = cluster.adminKey.replace(/.{6}==$/, 'AAAAAA==')
  t.match(await connect('client.admin', `[client.admin]\nkey = ${wrong}\n`), { code: 'EREFUSED' })
  t.match(await connect('client.none', `[client.none]\nkey = ${cluster.adminKey}\n`), {
    code: 'EREFUSED',
    hint: /compare the key with "ceph auth get client.none"/,
  })
  t.match(await connect('client.admin'), { code: 'EREFUSED' }, 'no keyring')
  t.match(await connect('client.admin', '[client.admin]\nkey = nonsense\n'), { code: 'EBADKEY' })
})

t.test('no monitor answers', async t => {
  const cluster = await startCluster(t)
  const session = openRadosSession({ conf: cluster.conf, user: 'client.admin', timeoutMs: 5_000 })
  t.teardown(() => session.close())
  await session.connect()
  await cluster.ctl('mon', 'pause')
  const begin = performance.now()
  const [slow, behind] = await Promise.all([
    outcome(session.ask('mon', { prefix: 'fs ls' }, { timeoutMs: 300 })),
    outcome(session.ask('mon', { prefix: 'fs ls' })),
  ])
  t.match(slow, { code: 'ETIMEOUT', message: /0\.3 s/ })
  t.match(behind, { code: 'ETIMEOUT' }, 'the session is closed for all commands')
  t.ok(performance.now() - begin < 4_000, 'the deadline is kept')
  await session.close()
  t.strictSame(helpers(cluster.conf), [], 'a helper that hangs is killed')

  const late = openRadosSession({ conf: cluster.conf, user: 'client.admin', timeoutMs: 1_000 })
  t.match(await outcome(late.connect()), { code: /^(ENOANSWER|ETIMEOUT)$/ })
  await late.close()
  t.strictSame(helpers(cluster.conf), [])
})

t.test('a helper that dies', async t => {
  const cluster = await startCluster(t)
  const session = openRadosSession({ conf: cluster.conf, user: 'client.admin', timeoutMs: 5_000 })
  await session.connect()
  for (const { pid } of helpers(cluster.conf)) signal(pid, 'SIGKILL')
  t.match(await outcome(session.ask('mon', { prefix: 'fs ls' })), { code: 'ENOANSWER', message: /ended/ })
  await session.close()

  const broken = openRadosSession({ conf: '/nonexistent/ceph.conf', user: 'client.admin', timeoutMs: 5_000 })
  t.match(await outcome(broken.connect()), { code: 'EBADCONFIG', message: /client\.admin could not connect/ })
  await broken.close()
})
