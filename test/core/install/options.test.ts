import t from 'tap'
import { type InstallFlags, installOptions } from '../../../src/core/install/options.js'
import { readRecord, recordName, recordText } from '../../../src/core/install/record.js'

const PROGRAM = '/opt/cephflex-linux-x64'
const DRIVER = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/example.com~ceph/ceph'

t.match(installOptions({}, PROGRAM, 'node'), {
  action: 'install',
  vendor: 'cephflex',
  driver: 'cephfs',
  root: '',
})
t.match(installOptions({ uninstall: true }, DRIVER, 'bun'), {
  action: 'uninstall',
  vendor: 'example.com',
  driver: 'ceph',
})
t.match(installOptions({ vendor: 'x' }, DRIVER, 'bun'), { vendor: 'x', driver: 'ceph' }, 'an option wins')
t.match(installOptions({ root: '/host//' }, PROGRAM, 'node'), { root: '/host' })
t.match(installOptions({ root: '/' }, PROGRAM, 'node'), { root: '' }, 'this node itself')

t.match(installOptions({ where: true }, DRIVER, 'bun'), { action: 'where', recover: false })
t.match(installOptions({ recover: true }, PROGRAM, 'node'), { action: 'install', recover: true })

for (const flags of [
  { vendor: 'a~b' },
  { driver: '' },
  { driver: '_x' },
  { root: '' },
  { root: 'host' },
  { pluginDir: '' },
  { binary: '' },
  { uninstall: true, deps: true },
  { force: true },
  { purge: true, deps: true },
  { yes: true },
  { engine: 'bun' },
  { recover: true, uninstall: true },
  { recover: true, where: true },
  { where: true, deps: true },
])
  t.throws(() => installOptions(flags, PROGRAM, 'node'), { code: 'EUSAGE' }, JSON.stringify(flags))
t.match(
  installOptions({ engine: 'node' }, PROGRAM, 'node'),
  { action: 'install' },
  'this program has that engine',
)
t.match(
  installOptions({ engine: 'bun', binary: '/x' }, PROGRAM, 'node'),
  { binary: '/x' },
  'the file to install may have it',
)

const recordOf = (flags: InstallFlags) => installOptions(flags, PROGRAM, 'node').record
t.strictSame(recordOf({ engine: 'node' }), { engine: 'node', why: '--engine node was given' })
t.strictSame(recordOf({ tried: '' }), { engine: 'node', why: 'the first that was tried works on this node' })
t.match(recordOf({ tried: 'x-bun: panic' }), { why: 'it works on this node; tried before: x-bun: panic' })
t.match(recordOf({}), { engine: 'node', why: /by hand/ })
t.equal(recordOf({ binary: '/file' }), undefined, 'the engine of another file is not known')

const text = recordText({ engine: 'bun', why: 'a\nb\u001b[0m' })
t.equal(text, '{"engine":"bun","why":"a b [0m"}\n', 'no control characters')
t.strictSame(readRecord(recordName('example.com', 'ceph'), text), {
  driver: 'example.com/ceph',
  engine: 'bun',
  why: 'a b [0m',
})
for (const [name, content] of [
  ['config.json', text],
  [recordName('a', 'b'), '{"engine":1}'],
  [recordName('a', 'b'), 'no JSON'],
] as const)
  t.equal(readRecord(name, content), undefined)
