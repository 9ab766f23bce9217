import t from 'tap'
import { type CompatRow, compatRows, parseCompatResults } from './compat.js'

const row = (changes: Partial<CompatRow> = {}): CompatRow => ({
  area: 'ceph',
  subject: 'ceph-fuse',
  version: '16.2.15',
  arch: 'x86-64',
  cases: { passed: 3, failed: 0 },
  ...changes,
})

t.strictSame(
  compatRows([
    { date: '2026-11-02', rows: [row({ version: '20.2.4' }), row({ note: 'bookworm' })] },
    { date: '2026-11-01', rows: [row({ area: 'kubelet', subject: 'kubelet' }), row({ version: '9.2.1' })] },
  ]).tried,
  [
    ['ceph-fuse', '9.2.1', 'x86-64', 'all 3', '2026-11-01', ''],
    ['ceph-fuse', '16.2.15', 'x86-64', 'all 3', '2026-11-02', 'bookworm'],
    ['ceph-fuse', '20.2.4', 'x86-64', 'all 3', '2026-11-02', ''],
    ['kubelet', '16.2.15', 'x86-64', 'all 3', '2026-11-01', ''],
  ],
  'sorted by kind, thing and version, versions as numbers',
)

t.strictSame(
  compatRows([
    { date: '2026-11-02', rows: [row({ note: 'a' })] },
    { date: '2026-11-01', rows: [row({ cases: { passed: 1, failed: 1 }, note: 'b' }), row({ note: 'a' })] },
  ]).tried,
  [['ceph-fuse', '16.2.15', 'x86-64', '7 of 8', '2026-11-01', 'a; b']],
  'several suites that tested the same thing are one row, with the older date and the failures',
)

const untried = row({
  version: '12.2',
  arch: 'arm64',
  cases: { passed: 0, failed: 0 },
  note: 'not in Debian',
})
t.strictSame(
  compatRows([{ date: '2026-11-02', rows: [untried, row()] }]),
  {
    tried: [['ceph-fuse', '16.2.15', 'x86-64', 'all 3', '2026-11-02', '']],
    notCovered: ['ceph-fuse 12.2 on arm64: not in Debian'],
  },
  'something that was not tested has no row',
)

t.test('a result file that was edited by hand is refused', async t => {
  const good = { date: '2026-11-02', rows: [row()] }
  t.strictSame(parseCompatResults(JSON.stringify(good)), good)
  for (const bad of [
    { ...good, date: 'today' },
    { ...good, rows: [{ ...row(), cases: { passed: -1, failed: 0 } }] },
    { ...good, rows: [{ ...row(), result: 'good' }] },
    { ...good, rows: [{ ...row(), arch: 'sparc' }] },
  ])
    t.throws(() => parseCompatResults(JSON.stringify(bad)))
})
