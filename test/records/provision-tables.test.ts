import { readFileSync } from 'node:fs'
import t from 'tap'
import { COMPARISONS, meets, type ProvisionResults, RECORDED_PROVISION, SIZES } from './provision.js'
import { partPlain, provisionMarkdown, provisionPlain } from './provision-tables.js'

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

t.test('many volumes, and many claims', async t => {
  const about = { date: '2026-01-02', machine: results.machine }
  const there = { volumes: 900, listSeconds: 1.25, listMb: 80, importSeconds: 12, importMb: 90 }
  const rate = { p50: 20, usersPerSecond: 150 }
  const scale = {
    ...about,
    namespaces: 100,
    growth: [
      { userPer: 'namespace', existing: 10, perSecond: 100, ...rate },
      { userPer: 'namespace', existing: 900, perSecond: 95, ...rate },
      { userPer: 'volume', existing: 10, perSecond: 80, ...rate },
      { userPer: 'volume', existing: 900, perSecond: 40, ...rate },
    ],
    there: [{ userPer: 'namespace', ...there, startSeconds: 0.5, controllerMb: 99 }],
  } as const
  const steps = [{ step: 'created, to the PersistentVolume', perSecond: 59, p50: 1500, p99: 3000 }]
  const pace = {
    ...about,
    claims: 200,
    steps,
    processors: [{ name: 'etcd', ms: 4.2 }],
    requests: [{ name: 'POST secrets', perClaim: 1 }],
  }
  const text = provisionMarkdown({
    ...made,
    scale: { ...scale, growth: [...scale.growth], there: [...scale.there] },
    pace,
  })
  t.match(text, '| 900 | 40 | 20 | 150 | 95 | 20 | 150 |')
  t.match(text, '| 900, a user for each namespace | 1.3 s, 80 MB | 12 s, 90 MB | 0.5 s, 99 MB |')
  t.match(text, 'the rate with 900 volumes is 0.50 of that with the fewest.')
  t.match(text, 'the\nrate with 900 volumes is 0.95 of it (goal: >= 0.9: met)')
  t.match(text, '| created, to the PersistentVolume | 59 | 1500 | 3000 |')
  t.match(text, '| etcd | 4.2 |')
  t.match(text, '>= 60 per second, p99 <= 4000 ms: **not met**')
  t.match(partPlain({ pace }), /etcd +4\.2/)
})
t.notMatch(provisionPlain(made), /[`*]/, 'a terminal gets no markup')
