import t from 'tap'
import { recordTest } from '../records/record-compat.js'
import { engineCases } from './engines.js'
import { failures, noModule } from './failing.js'
import { setHelper, startLab, withEachEngine } from './lab.js'
import { goodMounts } from './mounting.js'

t.test('Linux 6.12, x86-64, mount.ceph 18.2', async t => {
  recordTest(t, 'vm-x64-6.12', {
    area: 'kernel',
    subject: 'Linux, mount.ceph 18.2',
    version: '6.12',
    arch: 'x86-64',
    note: 'emulated',
  })
  const lab = await startLab(t, { suite: 'trixie', arch: 'amd64' })
  await noModule(t, lab, 'helper')
  for (const [engine, each] of withEachEngine(lab)) await engineCases(t, each, engine)
  await goodMounts(t, lab, 'helper', false)
  await failures(t, lab, 'helper')
  await setHelper(lab, false)
  await noModule(t, lab, 'no helper')
  await failures(t, lab, 'no helper')
})
