import t from 'tap'
import { recordTest } from '../records/record-compat.js'
import { engineCases } from './engines.js'
import { startLab, withEachEngine } from './lab.js'

// Debian builds no ceph-fuse for this processor
t.test('Linux 6.12, arm64, pages of 16K', async t => {
  const lab = await startLab(t, { suite: 'trixie', arch: 'arm64', pages: '16k' })
  t.equal(await lab.vm.sh('getconf PAGESIZE'), '16384\n')
  for (const [engine, each] of withEachEngine(lab))
    await t.test(engine, async t => {
      recordTest(t, 'vm-arm64-16k', {
        area: 'engine',
        subject: `the binary with ${engine}`,
        version: 'pages of 16K',
        arch: 'arm64',
        note: 'Linux 6.12, emulated',
      })
      t.match(await each.vm.sh(`${each.node.driver} self-test`), / works on this node\n$/)
      await engineCases(t, each, engine)
    })
})
