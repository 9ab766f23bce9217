import t from 'tap'
import { installOptions } from '../../../src/core/install/options.js'

const PROGRAM = '/opt/cephflex-linux-x64'
const DRIVER = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/example.com~ceph/ceph'

t.match(installOptions({}, PROGRAM), { action: 'install', vendor: 'cephflex', driver: 'cephfs', root: '' })
t.match(installOptions({ uninstall: true }, DRIVER), {
  action: 'uninstall',
  vendor: 'example.com',
  driver: 'ceph',
})
t.match(installOptions({ vendor: 'x' }, DRIVER), { vendor: 'x', driver: 'ceph' }, 'an option wins')
t.match(installOptions({ root: '/host//' }, PROGRAM), { root: '/host' })
t.match(installOptions({ root: '/' }, PROGRAM), { root: '' }, 'this node itself')

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
])
  t.throws(() => installOptions(flags, PROGRAM), { code: 'EUSAGE' }, JSON.stringify(flags))
