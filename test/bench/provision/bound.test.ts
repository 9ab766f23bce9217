import t from 'tap'
import { boundTimes, type Moments, measureBound } from './bound.js'

t.test('one after the other, then all at once', async t => {
  let clock = 0
  let waiting = 0
  let most = 0
  const bind = async (name: string): Promise<Moments> => {
    const created = clock
    clock += 10
    waiting += 1
    most = Math.max(most, name.startsWith('single') || name === 'first' ? 0 : waiting)
    if (most === 0) t.equal(waiting, 1, 'alone')
    await new Promise(setImmediate)
    waiting -= 1
    return { created, made: created + 30, bound: created + 40 }
  }
  const { oneByOne, atOnce } = await measureBound({ bind }, { oneByOne: 3, atOnce: 5 })
  t.equal(oneByOne.claims, 3, 'the first is not counted')
  t.equal(atOnce.claims, 5)
  t.equal(most, 5)
})

t.test('times', async t => {
  const times = boundTimes([
    { created: 0, made: 100, bound: 110 },
    { created: 50, made: 250, bound: 280 },
    { created: 100, made: 900, bound: 1000 },
  ])
  t.strictSame(times, {
    claims: 3,
    perSecond: 3,
    p50: 230,
    p99: 230 + 670 * 0.98,
    madeP50: 200,
    bindingP50: 30,
    bindingP99: 30 + 70 * 0.98,
  })
  t.throws(() => boundTimes([]), /no values/)
})
