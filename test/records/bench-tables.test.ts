import { readFileSync } from 'node:fs'
import t from 'tap'
import { meets, RECORDED, type Results, ROWS } from './bench.js'
import { markdown, plain } from './bench-tables.js'

const results = JSON.parse(readFileSync(RECORDED, 'utf8')) as Results

t.ok(results.runs >= 20, 'they come from at least 20 rounds')
for (const { subject, base, goal } of ROWS) {
  const found = results.ratios.find(each => each.subject === subject && each.base === base)
  t.equal(
    found?.met,
    meets(found?.ratio.median ?? Number.NaN, goal),
    `${subject} to ${base}: goal as measured`,
  )
}

t.equal(meets(1.1, { limit: 1.1 }), true, 'a goal includes its limit')
t.equal(meets(1.11, { limit: 1.1 }), false)
t.equal(meets(1, { limit: 1, strict: true }), false, 'unless it is strict')
t.equal(meets(50, undefined), undefined, 'a row without a goal is neither met nor missed')

const ratio = { median: 2.5, q1: 2.4, q3: 2.6 }
const made: Results = {
  ...results,
  subjects: {
    'mount-binary': { median: 100, q1: 90, q3: 110, peakKiB: 65_536 },
    'mount-raw': { median: 40, q1: 39, q3: 41, peakKiB: 20_480 },
  },
  ratios: [{ subject: 'mount-binary', base: 'mount-raw', ratio, met: false }],
}
t.match(
  markdown(made),
  '| 2.50 | 2.40-2.60 | 100 | 40 | 64 : 20 | <= 1.9: **not met** |',
  'a goal that is missed',
)
t.notMatch(markdown(made), 'init', 'a subject that was not measured has no row')
const [, row = ''] = plain(made).split('\n')
t.match(row, /the binary with Node\.js {2,}100 {2,}90-110 {2,}64$/, 'a terminal shows the measured times')

const watch = {
  on: '2026-12-01, a processor',
  mounts: 100,
  clients: 10,
  measuredS: 120,
  node: 30,
  bun: 20,
  loop: 8,
}
t.match(markdown({ ...made, watch }), '| `recover --watch --reap --metrics`, Bun | 20 | 2.50 |')
t.match(
  markdown({ ...made, watch: { ...watch, loop: 0 } }),
  'Bun | 20 | - |',
  'too short to measure the loop',
)
