import fc from 'fast-check'
import t from 'tap'
import { formatQuantity, parseQuantity } from '../../../src/core/provision/quantity.js'

const GOOD: [string, bigint][] = [
  ['1', 1n],
  ['+5', 5n],
  ['1Ki', 1024n],
  ['1Mi', 1048576n],
  ['10Gi', 10737418240n],
  ['1Ti', 1099511627776n],
  ['1Pi', 1125899906842624n],
  ['1Ei', 1152921504606846976n],
  ['1k', 1000n],
  ['500M', 500000000n],
  ['2G', 2000000000n],
  ['1T', 1000000000000n],
  ['1P', 1000000000000000n],
  ['1E', 1000000000000000000n],
  ['1.5Gi', 1610612736n],
  ['.5Ki', 512n],
  ['1.', 1n],
  ['0.1', 1n],
  ['1.1', 2n],
  ['1500m', 2n],
  ['1000m', 1n],
  ['1n', 1n],
  ['1u', 1n],
  ['1e3', 1000n],
  ['1E3', 1000n],
  ['12e6', 12000000n],
  ['1e+3', 1000n],
  ['1500e-3', 2n],
  ['0.000000001Ki', 1n],
  ['9223372036854775807', 9223372036854775807n],
]

for (const [text, bytes] of GOOD) t.equal(parseQuantity(text), bytes, text)

const BAD = [
  '',
  ' 1',
  '1 ',
  '0',
  '0Gi',
  '-1',
  '1KI',
  '1gi',
  '1GiB',
  '1e',
  '1e1Ki',
  'Gi',
  '1..2',
  '1,5',
  '١',
  '9223372036854775808',
  '8Ei',
  '1e99',
  `${'1'.repeat(65)}`,
]
for (const text of BAD) t.throws(() => parseQuantity(text), { code: 'EBADVOLUME' }, `"${text}" is refused`)

t.equal(formatQuantity(1073741824n), '1Gi')
t.equal(formatQuantity(1500000000n), '1500000000')
t.equal(formatQuantity(1024n), '1Ki')

t.test('a formatted quantity parses to the same value', async t => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
      bytes => parseQuantity(formatQuantity(bytes)) === bytes,
    ),
  )
  t.pass()
})

t.test('nothing but CephflexError is thrown', async t => {
  fc.assert(
    fc.property(fc.string(), text => {
      try {
        return parseQuantity(text) > 0n
      } catch (error) {
        return (error as { code?: string }).code === 'EBADVOLUME'
      }
    }),
  )
  t.pass()
})
