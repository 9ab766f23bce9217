import { readFileSync } from 'node:fs'
import t from 'tap'
import { COMPARISONS, meets, type ProvisionResults, RECORDED_PROVISION, SIZES } from './provision.js'
import { provisionMarkdown, provisionPlain } from './provision-tables.js'

const results = JSON.parse(readFileSync(RECORDED_PROVISION, 'utf8')) as ProvisionResults

t.ok(results.rounds >= 20, 'they come from at least 20 rounds')
t.ok(results.ways.directory.volumes >= 200, 'and 200 volumes')
t.strictSame(
  results.growth.map(({ existing }) => existing),
  [...SIZES],
)
for (const { way, base, goal } of COMPARISONS) {
  const found = results.ratios.find(each => each.way === way && each.base === base)
  t.equal(found?.met, goal && meets(found?.ratio.median ?? 0, goal), `${way} to ${base}: goal as measured`)
}

t.equal(meets(10, 10), true, 'a goal includes its limit')
t.equal(meets(9.9, 10), false)

const times = {
  ...{ claims: 0, perSecond: 9, p50: 91, p99: 97, madeP50: 83 },
  ...{ bindingP50: 7.5, bindingP99: 14 },
}
const ratio = { median: 9, q1: 8, q3: 10 }
const made: ProvisionResults = {
  ...results,
  ratios: [{ way: 'directory', base: 'directory-by-command', ratio, met: false }],
  growth: results.growth.map(each => ({ ...each, aloneP50: 13, aloneCommitP50: each.existing / 100 })),
  bound: { oneByOne: { ...times, claims: 50 }, atOnce: { ...times, claims: 200, perSecond: 31, p99: 5970 } },
}
t.match(
  provisionMarkdown(made),
  /\| 9\.0 \| 8\.0-10\.0 \|.*>= 10: \*\*not met\*\* \|/,
  'a goal that is missed',
)
t.notMatch(provisionMarkdown(made), 'ceph fs subvolume', 'a method that was not measured has no row')
t.match(provisionMarkdown(made), '| 50 claims, one after the other | 9.0 | 91 | 97 | 83 | 7.5 | 14 |')
t.match(provisionMarkdown(made), '| 200 claims, all at once | 31 | 91 | 5970 | 83 | 7.5 | 14 |')
t.match(
  provisionMarkdown(made),
  '--pvclaimbinder-sync-period=2s',
  'the settings that differ from the defaults',
)
t.match(
  provisionMarkdown(made),
  'created alone takes 13 ms with 10, 12 ms with 100, 10 ms with 300, 3.0 ms with 1000 existing volumes',
)
t.notMatch(provisionMarkdown(results), 'undefined')
t.notMatch(provisionPlain(made), /[`*]/, 'a terminal gets no markup')
