import t from 'tap'
import { installOptions } from '../../../src/core/install/options.js'

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
