import t from 'tap'
import { recordTest } from '../records/record-compat.js'
import { connectionFailures, failures, moreFailures, noModule } from './failing.js'
import { fallbacks } from './fallbacks.js'
import { setHelper, startLab, withEachEngine } from './lab.js'
import { goodMounts } from './mounting.js'

t.test('Linux 6.1, x86-64, mount.ceph 16.2', async t => {
  recordTest(t, 'vm-x64-6.1', {
    area: 'kernel',
    subject: 'Linux, mount.ceph 16.2',
    version: '6.1',
    arch: 'x86-64',
    note: 'emulated',
  })
  const lab = await startLab(t, { suite: 'bookworm', arch: 'amd64' })
  await noModule(t, lab, 'helper')
  for (const [engine, each] of withEachEngine(lab)) await fallbacks(t, each, engine, engine === 'Bun')
  await goodMounts(t, lab, 'helper', true)
  await failures(t, lab, 'helper')
  await moreFailures(t, lab, 'helper')
  await connectionFailures(t, lab)
  await setHelper(lab, false)
  // the other failures without a helper are those of x64-6.12
  await goodMounts(t, lab, 'no helper', false)
  await moreFailures(t, lab, 'no helper')
})
