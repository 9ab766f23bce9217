import t from 'tap'
import { newAttempts } from '../../../src/core/recover/attempts.js'

t.test('a target that fails waits longer each time, at most a minute, and is told once', async t => {
  const attempts = newAttempts()
  const waits: number[] = []
  const news: boolean[] = []
  let now = 0
  for (let n = 0; n < 7; n += 1) {
    const from = now
    while (attempts.begin(['a'], now).length === 0) now += 1_000
    waits.push((now - from) / 1_000)
    t.strictSame(attempts.begin(['a'], now), [], 'it is being tried')
    news.push(attempts.end('a', 'ENOKEY: x', now))
  }
  t.strictSame(waits, [0, 3, 6, 12, 24, 48, 60])
  t.strictSame(news, [true, false, false, false, false, false, false])
  t.strictSame(attempts.begin(['a', 'b'], now), ['b'], 'others do not wait')
  now += 60_000
  t.strictSame(attempts.begin(['a'], now), ['a'])
  t.ok(attempts.end('a', 'ETIMEOUT: y', now), 'another failure is news')
  attempts.begin(['a'], now + 60_000)
  t.ok(attempts.end('a', undefined, now), 'so is a success')
  t.strictSame(attempts.begin(['a'], now), ['a'], 'which forgets the failures')
})
