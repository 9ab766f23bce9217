import t from 'tap'
import { measureGrowth, measureWays } from '../../../src/bench/provision/measure.js'
import { COMPARISONS, growthRatio, SIZES, WAYS, type Way } from '../../../src/bench/provision/results.js'
import type { Maker } from '../../../src/bench/provision/ways.js'

const names = Object.keys(WAYS) as Way[]

t.test('all ways, in rounds', async t => {
  const made: [Way, number][] = []
  const makers = Object.fromEntries(
    names.map(way => [
      way,
      async (number: number) => {
        made.push([way, number])
        await new Promise(setImmediate)
      },
    ]),
  ) as Record<Way, Maker>
  let rounds = 0
  const onRound = () => {
    rounds += 1
  }
  const { ways, ratios } = await measureWays(makers, { rounds: 3, seed: 1, atOnce: 2, perRound: 5, onRound })
  t.equal(rounds, 4, 'the first one warms up')
  t.equal(ways.directory.volumes, 15, 'and is not counted')
  t.equal(ways['old-provisioner'].volumes, 6)
  t.equal(new Set(made.map(String)).size, made.length, 'no volume is made twice')
  t.strictSame(
    ratios.map(({ way, base }) => [way, base]),
    COMPARISONS.map(({ way, base }) => [way, base]),
  )
  for (const { ratio, met, base } of ratios)
    t.equal(
      met === undefined ? undefined : met,
      COMPARISONS.find(row => row.base === base)?.goal && ratio.median >= 10,
    )
})

t.test('growth', async t => {
  let there = 0
  const commits: number[] = []
  const growth = await measureGrowth(
    async number => {
      if (number !== there) throw new Error(`${number} is not a new one`)
      there += 1
      commits.push(number)
    },
    1,
    commits,
  )
  t.strictSame(
    growth.map(({ existing }) => existing),
    [...SIZES],
  )
  t.ok(there >= 1000)
  t.ok(
    Number(growth[0]?.commitP50) < 110 && Number(growth[3]?.commitP50) > 1000,
    'commits of the window only',
  )
})

t.equal(
  growthRatio([
    { existing: 10, perSecond: 50, p50: 1, commitP50: 1 },
    { existing: 1000, perSecond: 40, p50: 1, commitP50: 1 },
  ]),
  0.8,
)
t.throws(() => growthRatio([]), /no growth/)
