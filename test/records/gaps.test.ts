import t from 'tap'
import { type Gaps, gapRows, gapsMarkdown, gapsPlain, readGaps } from './gaps.js'

const rows = gapRows([
  { what: 'a client', gaps: [1, 2, 9.04] },
  { what: 'the MDS', gaps: [3] },
  { what: 'a client', gaps: [2, 2] },
])

t.strictSame(rows, [
  { what: 'a client', times: 2, p50: 2, p99: 8.8, worst: 9 },
  { what: 'the MDS', times: 1, p50: 3, p99: 3, worst: 3 },
  { what: 'any of them', times: 3, p50: 2, p99: 8.7, worst: 9 },
])
const gaps: Gaps = { date: '2026-01-02', seconds: 600, pods: 10, writes: 1_234, errors: 5, rows }
t.match(gapsMarkdown(gaps), '| a client | 2 | 2.0 s | 8.8 s | 9.0 s |\n')
t.match(
  gapsMarkdown(gaps),
  '\n\n10 pods for 10 minutes, 2026-01-02: 1,234 confirmed writes, none lost;\n5 writes',
)
t.match(gapsPlain(gaps), /^the MDS +1 +3\.0 s/m)
t.ok(readGaps().rows.length > 1, 'the recorded ones can be read')
