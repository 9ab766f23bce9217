import t from 'tap'
import { isClientOf } from '../../../src/core/dev-cluster/clients.js'
import { fileSystemCommands, fileSystemsIn } from '../../../src/core/dev-cluster/commands.js'
import { cephConf } from '../../../src/core/dev-cluster/conf.js'
import {
  daemonArgv,
  daemonOf,
  daemonsOf,
  isServerOf,
  monStoreTools,
  osdStoreTool,
} from '../../../src/core/dev-cluster/daemons.js'
import { clusterEnv, shellAssignments } from '../../../src/core/dev-cluster/env.js'
import { cephKey, keyFrom, keyringFiles } from '../../../src/core/dev-cluster/keys.js'
import { checkPackages } from '../../../src/core/dev-cluster/packages.js'
import {
  monitorAddresses,
  monitorPorts,
  portBaseFrom,
  portsFrom,
} from '../../../src/core/dev-cluster/ports.js'
import {
  type ClusterSpec,
  checkDirectory,
  chooseAddress,
  DAEMON_NAMES,
  fileSystemsOf,
  parseSpec,
} from '../../../src/core/dev-cluster/spec.js'

const spec = (changes: Partial<ClusterSpec> = {}): ClusterSpec => ({
  dir: '/tmp/c',
  fsid: '5f6d5a3c-7b0e-4f35-9c33-6c5a1d0b8a11',
  address: '127.0.0.1',
  v2Port: 12000,
  v1Port: 12001,
  portBase: 12000,
  store: 'memstore',
  mgr: false,
  secondFs: false,
  ...changes,
})

const section = (conf: string, name: string) =>
  conf.split(/^(?=\[)/m).find(text => text.startsWith(`[${name}]`)) ?? ''

t.test('a directory of something other than a dev cluster is refused', async t => {
  for (const dir of ['/', '/tmp', '/etc', '/tmp/a b', '/tmp/a;b', `/tmp/${'x'.repeat(75)}`])
    t.throws(() => checkDirectory(dir), { code: 'ECLUSTER' }, dir)
  t.doesNotThrow(() => checkDirectory('/tmp/ceph-1.a_b+c'))
})

t.test('only loopback addresses are accepted', async t => {
  const address = (text: string, random = [0, 0, 0]) =>
    chooseAddress({ address: text, ipv6: false }, Uint8Array.from(random))
  t.equal(address('127.0.0.1'), '127.0.0.1')
  t.equal(address('127.255.200.9'), '127.255.200.9')
  t.equal(address('auto', [0, 251, 252]), '127.2.253.2', 'never a network or broadcast address')
  for (const text of ['10.0.0.1', '127.0.0.256', '127.1', 'localhost', '127.0.0.1.5', ''])
    t.throws(() => address(text), { code: 'ECLUSTER' }, text)
  t.equal(chooseAddress({ address: '127.0.0.1', ipv6: true }, new Uint8Array(3)), '::1')
  t.throws(() => chooseAddress({ address: 'auto', ipv6: true }, new Uint8Array(3)), { code: 'ECLUSTER' })
})

t.test('ports stay below the range of outgoing connections', async t => {
  for (const random of [
    [0, 0],
    [255, 255],
    [0x55, 0xef],
    [0x55, 0xf0],
  ]) {
    const ports = portsFrom(portBaseFrom(Uint8Array.from(random)))
    t.equal(new Set(ports).size, 40)
    t.ok(
      ports.every(port => port >= 10_000 && port < 32_768),
      `${random}`,
    )
  }
  t.strictSame(monitorPorts('127.0.0.1', 12000), { v2Port: 12000, v1Port: 12001 })
  t.strictSame(
    monitorPorts('127.3.4.5', 12000),
    { v2Port: 3300, v1Port: 6789 },
    'an address of its own: standard ports',
  )
})

t.test('addresses always include the protocol', async t => {
  t.match(monitorAddresses(spec()), {
    v1: 'v1:127.0.0.1:12001',
    v2: 'v2:127.0.0.1:12000',
    both: '[v2:127.0.0.1:12000,v1:127.0.0.1:12001]',
  })
  t.equal(monitorAddresses(spec({ address: '::1' })).v1, 'v1:[::1]:12001')
})

t.test('ceph.conf', async t => {
  const conf = cephConf(spec(), ['volumes', 'balancer', 'mgr_util.py', 'alerts'])
  t.match(section(conf, 'global'), /^fsid = 5f6d5a3c-/m)
  t.match(section(conf, 'global'), /^mon_host = \[v2:127\.0\.0\.1:12000,v1:127\.0\.0\.1:12001\]$/m)
  t.match(section(conf, 'global'), /^ms_bind_port_min = 12002\nms_bind_port_max = 12039$/m)
  t.match(section(conf, 'global'), /^pid_file =$/m, 'a daemon in the foreground writes no pid file')
  t.match(
    section(conf, 'osd'),
    /^osd_fast_shutdown = false$/m,
    'otherwise a memstore is lost when its OSD ends',
  )
  t.match(section(conf, 'mds'), /^mds_tick_interval = 0\.2$/m, 'otherwise clients exit seconds after umount')
  t.match(section(conf, 'mgr'), /^mgr_disabled_modules = alerts balancer$/m, 'all modules except volumes')
  t.match(section(conf, 'client'), /^keyring = \/tmp\/c\/keyring$/m)
  t.match(section(cephConf(spec({ store: 'bluestore' }), []), 'osd'), /^osd_objectstore = bluestore$/m)
  const v6 = section(cephConf(spec({ address: '::1' }), []), 'global')
  t.match(v6, /^public_addr = \[::1\]$/m)
  t.match(v6, /^ms_bind_ipv4 = false\nms_bind_ipv6 = true$/m)
})

t.test('a key has the form Ceph writes', async t => {
  const key = cephKey(
    Uint8Array.from({ length: 16 }, (_, index) => index),
    0x01020304,
  )
  const bytes = Buffer.from(key.reveal(), 'base64')
  t.equal(key.reveal().length, 40)
  t.equal(bytes.toString('hex'), '010004030201000000001000000102030405060708090a0b0c0d0e0f')
  t.equal(`${key}`, '<masked>')
})

t.test('keyrings', async t => {
  let made = 0
  const texts = keyringFiles(() => {
    made += 1
    return cephKey(new Uint8Array(16).fill(made), 1)
  })
  t.equal(made, 6, 'one key for each user')
  const { 'keyring.boot': boot = '', keyring = '' } = texts
  t.match(boot, /^\[mon\.\]\n\tkey = \S+\n\tcaps mon = "allow \*"$/m)
  t.match(boot, /^\[osd\.0\]\n\tkey = \S+\n\tcaps mon = "allow profile osd"$/m)
  t.match(keyring, /^\[client\.admin\]\n\tkey = \S{40}\n$/, 'only client.admin, without caps')
  t.ok(boot.includes(keyFrom(keyring)?.reveal() ?? 'no key'), 'the same key in both')
  t.strictSame(Object.keys(texts).sort(), [
    'keyring',
    'keyring.boot',
    'mds/keyring',
    'mds2/keyring',
    'mgr/keyring',
    'osd/keyring',
  ])
  t.equal(keyFrom('[client.admin]\n'), undefined)
})

t.test('which daemons belong to a cluster', async t => {
  t.strictSame(daemonsOf({ mgr: false, secondFs: false }), ['mon', 'osd', 'mds'])
  t.strictSame(daemonsOf({ mgr: true, secondFs: true }), [...DAEMON_NAMES])
  t.strictSame(fileSystemsOf({ secondFs: true }), ['cephfs', 'second'])
})

t.test('a process is matched by its complete arguments', async t => {
  const { program, argv } = daemonArgv('/tmp/c', 'mds2')
  t.strictSame([program, ...argv], ['ceph-mds', '-i', 'b', '-c', '/tmp/c/ceph.conf', '-f'])
  t.equal(daemonOf('/tmp/c', [`/usr/bin/${program}`, ...argv]), 'mds2')
  t.equal(daemonOf('/tmp/c2', [program, ...argv]), undefined, 'another cluster')
  t.equal(daemonOf('/tmp/c', ['vi', ...argv]), undefined, 'another program')
  const mkfs = osdStoreTool('/tmp/c', 'u')
  t.equal(daemonOf('/tmp/c', [mkfs.program, ...mkfs.argv]), undefined, 'mkfs is not a daemon')
  t.ok(isServerOf('/tmp/c', [mkfs.program, ...mkfs.argv]), 'but it must end with the cluster')
  t.notOk(isServerOf('/tmp/c', ['vi', '/tmp/c/ceph.conf']))
  t.notOk(isServerOf('/tmp/c', ['ceph-mon', '-c', '/tmp/c/ceph.conf.old']))
  t.notOk(isServerOf('/tmp/c', []))
})

t.test('no invocation holds a key', async t => {
  const all = [
    ...monStoreTools(spec()),
    osdStoreTool('/tmp/c', 'u'),
    ...DAEMON_NAMES.map(name => daemonArgv('/tmp/c', name)),
  ]
  for (const { argv } of all) t.notMatch(argv.join(' '), /[A-Za-z0-9+/]{38}==|--key[ =]/)
})

t.test('which ceph-fuse belongs to a cluster', async t => {
  const is = (argv: string[], changes: Partial<ClusterSpec> = {}, environ: string[] = []) =>
    isClientOf(spec(changes), ['ceph-fuse', ...argv], environ)
  t.ok(is(['-m', 'v1:127.0.0.1:12001']))
  t.ok(is(['-m', '[v2:127.0.0.1:12000,v1:127.0.0.1:12001]']))
  t.ok(is(['-m', '10.0.0.1:6789,127.0.0.1:12001/0']))
  t.ok(is(['-m', '[::1]:12001'], { address: '::1' }))
  t.ok(is(['-c', '/tmp/c/ceph.conf', '/mnt']))
  t.ok(is(['--conf=/tmp/c/ceph.conf']))
  t.ok(is(['/mnt'], {}, ['HOME=/', 'CEPH_CONF=/tmp/c/ceph.conf']))
  t.notOk(is(['-m', 'v1:127.0.0.1:12002']), 'another port')
  t.notOk(is(['-m', 'v1:127.0.0.1:120011']), 'a longer port')
  t.notOk(is(['-m', 'v1:127.0.0.1']), 'no port')
  t.notOk(is(['-m', 'v1:7127.0.0.1:12001']), 'a longer address')
  t.notOk(is(['-c', '/tmp/c2/ceph.conf', '/mnt/tmp/c/x']), 'another directory')
  t.notOk(is(['/mnt'], {}, ['X=/tmp/c/ceph.conf']), 'another variable')
  const own = { address: '127.3.4.5', v1Port: 6789, v2Port: 3300 }
  t.ok(is(['-m', '127.3.4.5'], own), 'on an address of its own the port may be omitted')
  t.notOk(is(['-m', '127.3.4.50'], own))
  t.notOk(isClientOf(spec(), ['cat', '/tmp/c/ceph.conf'], []))
})

t.test('environment', async t => {
  const env = clusterEnv(spec())
  t.strictSame(Object.keys(env), [
    'CEPH_CONF',
    'CEPHFLEX_MONITORS',
    'CEPHFLEX_MONITORS_V2',
    'CEPHFLEX_MONITORS_BOTH',
    'CEPHFLEX_ADMIN_KEYRING',
    'CEPHFLEX_FSID',
    'CEPHFLEX_FS',
  ])
  t.equal(shellAssignments(env)[1], "export CEPHFLEX_MONITORS='v1:127.0.0.1:12001'")
  t.strictSame(shellAssignments({ A: "it's" }), ["export A='it'\\''s'"])
})

t.test('each missing package is named once, with the command that installs it', async t => {
  const missing =
    (...programs: string[]) =>
    () =>
      checkPackages({ mgr: true }, name => !programs.includes(name))
  t.throws(missing('ceph-mon', 'monmaptool', 'ceph-mgr'), {
    code: 'EPACKAGE',
    hint: 'apt-get install --no-install-recommends ceph-mon ceph-mgr',
  })
  t.doesNotThrow(missing())
  t.doesNotThrow(
    () => checkPackages({ mgr: false }, name => name !== 'ceph-mgr'),
    'only if the spec includes it',
  )
})

t.test('file systems', async t => {
  const prefixes = (secondFs: boolean) => fileSystemCommands({ secondFs }).map(({ prefix }) => prefix)
  const pools = ['osd pool create', 'osd pool create', 'fs new']
  t.strictSame(prefixes(false), ['osd crush create-or-move', ...pools])
  t.strictSame(prefixes(true), ['osd crush create-or-move', ...pools, 'fs flag set', ...pools])
  const system = (fs_name: string, state: string) => ({ mdsmap: { fs_name, info: { gid_1: { state } } } })
  t.strictSame(fileSystemsIn({ filesystems: [system('a', 'up:active'), system('b', 'up:creating')] }), [
    { name: 'a', active: true },
    { name: 'b', active: false },
  ])
  t.strictSame(fileSystemsIn(''), [])
})

t.test('a spec is the same after it was written and read, and an incomplete one is refused', async t => {
  t.strictSame(
    parseSpec(JSON.stringify(spec({ mgr: true, dir: '/elsewhere' })), '/tmp/c'),
    spec({ mgr: true }),
  )
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"fsid":"x"}',
    JSON.stringify({ ...spec(), address: '' }),
    JSON.stringify({ ...spec(), v1Port: 0 }),
  ])
    t.equal(parseSpec(text, '/tmp/c'), undefined, text)
})
