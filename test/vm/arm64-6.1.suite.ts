import t from 'tap'
import { recordTest } from '../records/record-compat.js'
import { failures, noModule } from './failing.js'
import { setHelper, startLab } from './lab.js'
import { goodMounts, mountedCase } from './mounting.js'

// Debian builds no ceph-fuse for this processor
t.test('Linux 6.1, arm64, mount.ceph 16.2', async t => {
  recordTest(t, 'vm-arm64-6.1', {
    area: 'kernel',
    subject: 'Linux, mount.ceph 16.2',
    version: '6.1',
    arch: 'arm64',
    note: 'emulated',
  })
  const lab = await startLab(t, { suite: 'bookworm', arch: 'arm64' })
  const { node, vm, admin } = lab
  await noModule(t, lab, 'helper')
  await node.test(t, 'init returns Success without ceph-fuse', async t => {
    t.not((await vm.run('command -v ceph-fuse')).code, 0)
    t.equal((await node.call('init')).reply.status, 'Success')
  })
  await node.test(t, 'doctor does not report it as a failure', async t => {
    for (const check of ['client', 'ceph-fuse', 'mount.fuse.ceph', '/dev/fuse']) {
      const { code, stdout } = await vm.run(`${node.driver} doctor --check ${check}`)
      t.ok(code <= 1, `${check}: ${code}: ${stdout}`)
    }
  })
  const { mounter: _, ...unconfigured } = admin
  await mountedCase(t, lab, 'nothing configured', { ...unconfigured, path: '/vol1' }, async t => {
    t.equal(await vm.sh(`cat ${node.target()}/hello`), 'hello ceph\n')
  })
  await goodMounts(t, lab, 'helper', false)
  await failures(t, lab, 'helper', false)
  await setHelper(lab, false)
  await goodMounts(t, lab, 'no helper', false)
})
