import t from 'tap'
import { recordTest } from '../records/record-compat.js'
import { engineCases } from './engines.js'
import { noModule } from './failing.js'
import { setHelper, startLab, withEachEngine } from './lab.js'
import { goodMounts, mountedCase } from './mounting.js'

// Debian builds no ceph-fuse for this processor. Other failures are those of x64-6.1, with the same kernel and helper.
t.test('Linux 6.1, arm64, mount.ceph 16.2', async t => {
  recordTest(t, 'vm-arm64-6.1', {
    area: 'kernel',
    subject: 'Linux, mount.ceph 16.2',
    version: '6.1',
    arch: 'arm64',
    note: 'emulated',
  })
  const lab = await startLab(t, { suite: 'bookworm', arch: 'arm64' })
  const { node, vm } = lab
  t.not((await vm.run('command -v ceph-fuse')).code, 0, 'without ceph-fuse')
  await noModule(t, lab, 'helper')
  await node.test(t, 'doctor does not report it as a failure', async t => {
    const results = await node.doctor()
    for (const check of ['client', 'ceph-fuse', 'mount.fuse.ceph', '/dev/fuse'])
      t.match(results[check], { status: /^(pass|warn|skip)$/ }, check)
  })
  for (const [engine, each] of withEachEngine(lab)) await engineCases(t, each, engine)
  await goodMounts(t, lab, 'helper', false)
  await setHelper(lab, false)
  await mountedCase(t, lab, 'no helper: mount', { ...lab.admin, path: '/vol1' }, async t => {
    t.equal(await vm.sh(`cat ${node.target()}/hello`), 'hello ceph\n')
  })
})
