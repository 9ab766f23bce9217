import t from 'tap'
import { growthRatio, SIZES } from '../../records/provision.js'
import { measureBareUsers, measureGrowth } from './growth.js'

t.test('growth', async t => {
  let there = 0
  const commits: number[] = []
  const users = new Set<number>()
  const growth = await measureGrowth(
    {
      commits,
      volume: async number => {
        if (number !== there) throw new Error(`${number} is not a new one`)
        if (users.size > 0) throw new Error('users of no volume are left')
        there += 1
        commits.push(number)
      },
      user: async number => void users.add(number),
      removeUser: async number => void users.delete(number),
    },
    1,
  )
  t.strictSame(
    growth.map(({ existing }) => existing),
    [...SIZES],
  )
  t.ok(there >= 1000)
  t.equal(users.size, 0)
  t.ok(
    growth.every(({ existing, commitP50, aloneCommitP50 = 0 }) => {
      const isOwn = (number: number) => number >= existing && number < existing + 90
      return isOwn(commitP50) && isOwn(aloneCommitP50) && aloneCommitP50 > commitP50
    }),
    'commits of the window only',
  )
})

t.test('users without caps', async t => {
  const made: number[] = []
  const found = await measureBareUsers(async number => void made.push(number), 1)
  t.equal(found.length, SIZES.length)
  t.strictSame(
    made,
    Array.from({ length: 1040 }, (_, i) => i),
    'one after the other, without duplicates',
  )
})

t.equal(
  growthRatio([
    { existing: 10, perSecond: 50 },
    { existing: 1000, perSecond: 40 },
  ]),
  0.8,
)
t.throws(() => growthRatio([]), /no growth/)
