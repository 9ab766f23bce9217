import t from 'tap'
import { printable } from '../../../src/core/text/printable.js'
import { base64, KEY, LONG_KEY } from '../../support/volumes.js'

t.equal(printable('web'), '"web"', 'text is quoted')
t.equal(
  printable('a\nb\u001b[31mé'),
  '"a\\u{a}b\\u{1b}[31m\\u{e9}"',
  'all but printable ASCII is shown as codes',
)
t.equal(printable('x'.repeat(100)), `"${'x'.repeat(60)}..."`, 'long text is cut')
for (const key of [KEY, LONG_KEY, base64(KEY), base64(LONG_KEY)]) {
  t.equal(printable(`a ${key} b`), '"a <masked> b"', 'a key is masked, also with another layer of base64')
}
t.equal(
  printable(`${'x'.repeat(50)} ${KEY}`),
  `"${'x'.repeat(50)} <masked>"`,
  'a key is masked before the cut',
)
