import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { makeQueue } from '../../../src/ops/kubernetes/queue.js'
import { until } from '../../lab/until.js'

t.test(
  'each key runs once at a time, a limited number at once, and again if it changed meanwhile',
  async t => {
    const log: string[] = []
    let active = 0
    let most = 0
    const queue = makeQueue({ workers: 2 })
    const work = async (key: string): Promise<void> => {
      log.push(key)
      active += 1
      most = Math.max(most, active)
      await delay(20)
      active -= 1
    }
    for (const key of ['a', 'b', 'c', 'a']) queue.add(key)
    t.strictSame(log, [], 'nothing is done before the queue runs')
    t.equal(queue.size(), 3)
    const stop = new AbortController()
    const run = queue.run(work, stop.signal)
    queue.add('a') // while it is being processed
    await until('all is done', () => queue.size() === 0)
    t.strictSame(log, ['a', 'b', 'c', 'a'])
    t.equal(most, 2)
    stop.abort()
    await run
    queue.add('d')
    await delay(30)
    t.equal(log.length, 4, 'nothing is started afterwards')
  },
)

t.test('a failed key is retried later, a changed key at once', async t => {
  const times: number[] = []
  const queue = makeQueue({ workers: 1, firstMs: 40 })
  const work = async (): Promise<void> => {
    times.push(performance.now())
    if (times.length < 4) throw new Error('no')
  }
  const stop = new AbortController()
  const run = queue.run(work, stop.signal)
  queue.add('a')
  await until('the first has failed', () => times.length === 1)
  queue.add('a')
  await until('it succeeds in the end', () => times.length === 4)
  const [first = 0, second = 0, third = 0, fourth = 0] = times
  t.ok(third - second >= 50, 'it waits')
  t.ok(fourth - third >= 100, 'each wait is longer')
  t.ok(first < second)
  t.equal(queue.size(), 0)
  stop.abort()
  await run
})

t.test('it ends when the running keys have ended; keys that wait for a retry do not count', async t => {
  let ended = false
  const queue = makeQueue({ workers: 2, firstMs: 60_000 })
  const work = async (key: string): Promise<void> => {
    if (key === 'bad') throw new Error('no')
    await delay(80)
    ended = true
    throw new Error('stopped')
  }
  const stop = new AbortController()
  const run = queue.run(work, stop.signal)
  queue.add('bad')
  queue.add('long')
  await delay(20)
  t.equal(queue.size(), 2)
  stop.abort()
  await run
  t.ok(ended)
  await makeQueue({ workers: 1 }).run(async () => undefined, stop.signal)
})
