import { readFileSync } from 'node:fs'
import t from 'tap'
import { provisionMarkdown, provisionPlain } from '../../../src/bench/provision/report.js'
import {
  COMPARISONS,
  meets,
  type ProvisionResults,
  RECORDED_PROVISION,
  SIZES,
} from '../../../src/bench/provision/results.js'
import { fill } from '../../../src/core/readme.js'

const results = JSON.parse(readFileSync(RECORDED_PROVISION, 'utf8')) as ProvisionResults
const readme = readFileSync('README.md', 'utf8')

t.equal(
  fill(readme, 'provisioning', provisionMarkdown(results)),
  readme,
  'the README shows the recorded results; if not, run "npm run docs"',
)
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

const ratio = { median: 9, q1: 8, q3: 10 }
const made: ProvisionResults = {
  ...results,
  ratios: [{ way: 'directory', base: 'directory-by-command', ratio, met: false }],
  bound: { claims: 200, p50: 41, p99: 97 },
}
t.match(
  provisionMarkdown(made),
  /\| 9\.0 \| 8\.0-10\.0 \|.*>= 10: \*\*not met\*\* \|/,
  'a goal that is missed',
)
t.notMatch(provisionMarkdown(made), 'ceph fs subvolume', 'what was not measured has no row')
t.match(provisionMarkdown(made), 'PVC to Bound, through the controller: p50 41 ms, p99 97 ms (200 claims)')
t.notMatch(provisionMarkdown(results), 'undefined')
t.notMatch(provisionPlain(made), /[`*]/, 'a terminal gets no markup')
