import t from 'tap'
import { inBatch } from './pool.js'

t.test('a bounded number at once', async t => {
  let running = 0
  let most = 0
  const begun: number[] = []
  const jobs = Array.from({ length: 10 }, (_, i) => async () => {
    begun.push(i)
    running += 1
    most = Math.max(most, running)
    await new Promise(setImmediate)
    running -= 1
  })
  const { each } = await inBatch(jobs, 3)
  t.equal(most, 3)
  t.equal(each.length, 10)
  t.strictSame(begun, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'in their order')
})

t.test('times', async t => {
  let clock = 0
  const jobs = [5, 7].map(ms => async () => {
    clock += ms
  })
  t.strictSame(await inBatch(jobs, 1, () => clock), { ms: 12, each: [5, 7] })
})

t.test('a failure ends the batch', async t => {
  const begun: number[] = []
  const jobs = Array.from({ length: 9 }, (_, i) => async () => {
    begun.push(i)
    if (i === 1) throw new Error('no')
  })
  await t.rejects(inBatch(jobs, 1), { message: 'no' })
  t.strictSame(begun, [0, 1])
})
