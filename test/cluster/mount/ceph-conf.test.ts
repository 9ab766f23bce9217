import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t, { type Test } from 'tap'
import { startCluster, type TestCluster } from '../../lab/cluster.js'
import { DRIVER, makeNode, NOTHING, type TestNode } from '../../lab/node.js'
import { base64, KEY } from '../../support/volumes.js'

/** Settings for another cluster, or for another purpose. Each one alone would break a mount. */
const SETTINGS = [
  'fuse_allow_other = false',
  'client_mds_namespace = nofs',
  'daemonize = false',
  'auth_client_required = none',
  'setuser = nobody',
  'ms_mon_client_mode = secure',
  'mon_host = 192.0.2.1',
  'client_mountpoint = /other',
  'log_file = /nonexistent/log',
  'admin_socket = /nonexistent/socket',
  'pid_file = /nonexistent/pid',
  'client_mount_timeout = 0.001',
  `[client.web]\nkey = ${KEY}\nkeyring = /nonexistent/keyring`,
].join('\n')

/** What people have in /etc/ceph. */
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'settings for another purpose': { 'ceph.conf': SETTINGS },
  'mounts for root only': { 'ceph.conf': 'fuse_allow_other = false' },
  'a syntax error': { 'ceph.conf': '[global\nmon host 1' },
  'keyrings: another key for the same name, and one that cannot be parsed': {
    'ceph.client.web.keyring': `[client.web]\n\tkey = ${KEY}\n`,
    keyring: ']',
  },
}

t.test('a mount depends on nothing in /etc/ceph', async t => {
  const cluster = await startCluster(t)
  const { node, web } = await makeVolume(t, cluster)
  for (const [title, files] of Object.entries(FILES))
    await t.test(title, t => mountedForAll(t, node, web, withEtcCeph(node, files)))
  await t.test('provisioning', async t => {
    const program = withEtcCeph(node, {
      'ceph.conf': 'mon_host = 192.0.2.1\nauth_client_required = none',
      'ceph.client.admin.keyring': `[client.admin]\n\tkey = ${KEY}\n`,
    })
    const access = ['--monitors', cluster.monitors, '--keyring', cluster.adminKeyring]
    const list = await execa(program, ['volume', 'list', ...access], { env: node.environment, reject: false })
    t.equal(list.exitCode, 0, list.stderr)
  })
})

t.test('cephConf of the node configuration', async t => {
  const cluster = await startCluster(t)
  const dir = t.testdir({ 'ceph.conf': '[client]\nclient_cache_size = 4321\n', broken: '[client\n', sub: {} })
  const make = (cephConf: string) => makeVolume(t, cluster, { cephConf })
  const { node, web } = await make(`${dir}/ceph.conf`)
  const target = node.target()
  t.strictSame((await node.mount(target, web)).reply, { status: 'Success' })
  const size = await execa('ceph', [
    '--admin-daemon',
    node.clientState()?.adminSocket ?? '',
    'config',
    'get',
    'client_cache_size',
  ])
  t.match(size.stdout, '4321', 'the client reads it')
  t.strictSame((await node.unmount(target)).reply, { status: 'Success' })

  for (const [name, problem] of [
    ['broken', 'cannot be parsed'],
    ['missing', 'is not a file'],
    ['sub', 'is not a file'],
  ] as const) {
    const bad = await make(`${dir}/${name}`)
    const { reply } = await bad.node.mount(bad.node.target(), bad.web)
    t.match(reply.message, new RegExp(`^EBADCONFIG: cephConf ${dir}/${name} ${problem}`))
    t.match(reply.message, 'Hint: correct /etc/cephflex/config.json on this node')
    t.strictSame((await bad.node.unmount(bad.node.target())).reply, { status: 'Success' })
    t.strictSame(bad.node.leftovers(), NOTHING)
  }
  chmodSync(`${dir}/ceph.conf`, 0o666)
  const { reply } = await node.mount(target, web)
  t.match(reply.message, /^EBADCONFIG: cephConf \S+ is writable by users other than root/)
})

async function makeVolume(t: Test, cluster: TestCluster, config: Record<string, unknown> = {}) {
  const node = makeNode(t, config)
  chmodSync(node.dir, 0o755)
  // mounts in it are visible in every mount namespace
  for (const args of [
    ['--bind', node.dir, node.dir],
    ['--make-private', node.dir],
    ['--make-shared', node.dir],
  ])
    await execa('mount', args)
  t.teardown(() => execa('umount', ['-c', '-l', node.dir], { reject: false }))
  await cluster.mkdir('/web', { mode: 0o777 })
  await cluster.writeFile('/web/hello', 'hello')
  const key = await cluster.addUser('web', { mds: 'allow rw path="/web"', mon: 'allow r', osd: 'allow rw' })
  const web = {
    monitors: cluster.monitors,
    mounter: 'fuse',
    user: 'web',
    path: '/web',
    'kubernetes.io/secret/key': base64(key),
  }
  return { node, web }
}

/** A driver that finds these files in /etc/ceph. */
function withEtcCeph(node: TestNode, files: Readonly<Record<string, string>>): string {
  const source = `${node.dir}/etc-ceph`
  mkdirSync(source, { recursive: true })
  execFileSync('find', [source, '-type', 'f', '-delete'])
  for (const [name, text] of Object.entries(files)) writeFileSync(`${source}/${name}`, text)
  const script = `${node.dir}/driver`
  const inside = `mount --make-slave / && mount -t tmpfs none /etc/ceph && cp ${source}/* /etc/ceph && exec "$@"`
  const shell = `unshare -m --propagation unchanged sh -euc '${inside}' sh`
  writeFileSync(script, `#!/bin/sh\nexec ${shell} '${DRIVER}' "$@"\n`, { mode: 0o755 })
  return script
}

/** Mounts, and reads as a user who is not root. */
async function mountedForAll(t: Test, node: TestNode, options: Record<string, string>, driver: string) {
  const target = node.target()
  const { reply } = await node.finish(node.start(['mount', target, JSON.stringify(options)], driver))
  t.strictSame(reply, { status: 'Success' })
  if (node.mountsOn(target).length === 0) return
  t.equal(readFileSync(`${target}/hello`, 'utf8'), 'hello', 'it is the volume')
  const other = await execa('setpriv', ['--reuid=65534', '--clear-groups', 'cat', `${target}/hello`], {
    reject: false,
  })
  t.match(other, { exitCode: 0, stdout: 'hello' }, 'users other than root can read it')
  t.ok(statSync(target).isDirectory())
  t.strictSame((await node.unmount(target)).reply, { status: 'Success' })
  t.strictSame(await node.settled(30_000), NOTHING)
}
