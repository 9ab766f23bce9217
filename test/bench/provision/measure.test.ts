import t from 'tap'
import { COMPARISONS, WAYS, type Way } from '../../records/provision.js'
import { measureWays } from './measure.js'
import type { Maker } from './ways.js'

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
  t.equal(new Set(made.map(String)).size, made.length, 'no volume is created twice')
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
