import t from 'tap'
import { compare, percentile, seededRandom, shuffled, summarize } from './statistics.js'

t.strictSame(summarize([5, 1, 3]), { median: 3, q1: 2, q3: 4 }, 'the order of the values does not matter')
t.strictSame(
  summarize([1, 2, 3, 4]),
  { median: 2.5, q1: 1.75, q3: 3.25 },
  'between two values it is interpolated',
)
t.strictSame(summarize([7]), { median: 7, q1: 7, q3: 7 }, 'one value has no spread')
t.equal(summarize([1, 1, 1, 1, 1000]).median, 1, 'one slow run does not move the median')
t.throws(() => summarize([]), /no values/, 'an empty series is refused')
const hundred = Array.from({ length: 101 }, (_, i) => 100 - i)
t.equal(percentile(hundred, 0.99), 99, 'the order does not matter here, either')
t.equal(percentile([1, 2], 0.99), 1.99)

t.equal(compare([2, 20, 200], [1, 10, 100]).median, 2, 'each round is compared by itself')
t.equal(compare([4, 4, 400], [2, 2, 2]).median, 2, 'a disturbed round counts only once')
t.throws(() => compare([1, 2], [1]), /2 runs against 1/, 'series of different lengths are refused')

const list = Array.from({ length: 20 }, (_, i) => i)
t.strictSame(
  shuffled(list, seededRandom(7)),
  shuffled(list, seededRandom(7)),
  'a seed gives always the same order',
)
t.notSame(
  shuffled(list, seededRandom(7)),
  shuffled(list, seededRandom(8)),
  'another seed gives another order',
)
t.strictSame(
  shuffled(list, seededRandom(7)).sort((a, b) => a - b),
  list,
  'no element is lost or duplicated',
)
const random = seededRandom(1)
const firsts = Array.from({ length: 3000 }, () => shuffled(['a', 'b', 'c'], random)[0])
for (const name of ['a', 'b', 'c']) {
  const share = firsts.filter(first => first === name).length / firsts.length
  t.ok(share > 0.3 && share < 0.37, `${name} comes first as often as the others`)
}
