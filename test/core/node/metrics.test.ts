import t from 'tap'
import { countLogLines, newCounters, parseCounters, unreadLines } from '../../../src/core/node/metrics.js'

const line = (fields: object) => ({ time: 't', event: 'done', ...fields })

t.test('counting', async t => {
  const counters = newCounters()
  countLogLines(counters, [
    line({ call: 'mount', ms: 40 }),
    line({ call: 'mount', event: 'failed', code: 'ENOPATH', ms: 200_000 }),
    line({ call: 'mount', event: 'failed' }),
    line({ call: 'mount', event: 'fallback' }),
    line({ call: 'mount', event: 'run' }),
    line({ call: 'mount-test', ms: 7 }),
    line({}),
  ])
  t.match(counters, {
    results: { 'mount Success': 1, 'mount ENOPATH': 1, 'mount EBUG': 1, 'unmount Success': 0 },
    fallbacks: 1,
  })
  t.equal(counters.durations['mount']?.counts[0], 2)
  t.equal(counters.durations['mount']?.counts.at(-1), 1, 'longer than the last bound')
  counters.readTo = { firstLine: 'a', characters: 2 }
  t.strictSame(parseCounters(JSON.stringify(counters)), counters)
  t.strictSame(parseCounters('{"version":0}'), newCounters())
  t.strictSame(parseCounters('nonsense'), newCounters())
})

t.test('lines that were not read yet', async t => {
  const first = unreadLines(['a\nb\n'], undefined)
  t.equal(first.text, 'a\nb\n')
  t.equal(unreadLines(['a\nb\n'], first.readTo).text, '')
  t.equal(unreadLines(['a\nb\nc\nhal'], first.readTo).text, 'c\n', 'whole lines only')
  t.equal(unreadLines(['a\nb\nc\n', 'd\n'], first.readTo).text, 'c\nd\n', 'the log was rotated meanwhile')
  t.equal(
    unreadLines(['x\n', 'a\nb\nc\n', 'd\n'], first.readTo).text,
    'c\nd\n',
    'older ones are not read again',
  )
  t.equal(
    unreadLines(['y\n', 'z\n'], first.readTo).text,
    'y\nz\n',
    'the last line read was rotated away: every line is new',
  )
  t.strictSame(unreadLines(['', 'hal'], first.readTo), { text: '', readTo: first.readTo })
})
