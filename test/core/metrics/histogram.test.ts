import t from 'tap'
import { histogramSamples, newHistogram, observe } from '../../../src/core/metrics/histogram.js'
import { family, single } from '../../../src/core/metrics/text.js'

const BOUNDS = [0.5, 2]

t.test('a histogram in the text format', async t => {
  const histogram = newHistogram(BOUNDS)
  for (const seconds of [0.1, 0.5, 1, 9.0004]) observe(histogram, BOUNDS, seconds)
  t.strictSame(histogram.counts, [2, 1, 1], 'a bucket includes its bound')
  t.equal(
    family('took', 'histogram', 'Time.', histogramSamples('took', { call: 'mount' }, BOUNDS, histogram)),
    `# HELP took Time.
# TYPE took histogram
took_bucket{call="mount",le="0.5"} 2
took_bucket{call="mount",le="2"} 3
took_bucket{call="mount",le="+Inf"} 4
took_sum{call="mount"} 10.6
took_count{call="mount"} 4`,
    'buckets include the smaller ones',
  )
})

t.test('one number', async t => {
  t.equal(single('up', 'gauge', 'Up.', 1), '# HELP up Up.\n# TYPE up gauge\nup 1')
  t.match(
    single('info', 'gauge', 'I.', 1, { v: 'a"b\\c' }),
    /\ninfo\{v="a\\"b\\\\c"\} 1$/,
    'a value is quoted',
  )
})
