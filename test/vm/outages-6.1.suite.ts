import t from 'tap'
import { recordTest } from '../records/record-compat.js'
import { startLab } from './lab.js'
import { outages } from './outages.js'

// a VM of its own: together with x64-6.1, it would take as long as all other suites
t.test('outages on Linux 6.1, x86-64, mount.ceph 16.2', async t => {
  recordTest(t, 'vm-outages-6.1', {
    area: 'kernel',
    subject: 'Linux, mount.ceph 16.2',
    version: '6.1',
    arch: 'x86-64',
    note: 'emulated',
  })
  await outages(t, await startLab(t, { suite: 'bookworm', arch: 'amd64' }))
})
