import t from 'tap'
import { failure, failureText } from '../../../src/cli/driver/reply.js'
import { CephflexError } from '../../../src/core/errors.js'

t.equal(
  failureText(new CephflexError('ENOPATH', '/x does not exist', { hint: 'make it' })),
  'ENOPATH: /x does not exist. Hint: make it',
  'code, what happened, next step',
)
t.strictSame(failure(new TypeError('quotes its input')), {
  status: 'Failure',
  message: 'EBUG: unexpected error. Hint: read the log in /var/log/cephflex and report the bug',
})
for (const char of ['x', 'ü', '日', '😀']) {
  const text = failureText(new CephflexError('EMOUNT', char.repeat(2_000), { hint: 'the next step' }))
  t.ok(Buffer.byteLength(text) < 1_000, `${char}: short enough for an event`)
  t.match(text, /\.\.\.\. Hint: the next step$/, `${char}: the hint is never cut off`)
  t.notMatch(text, '\uFFFD', `${char}: no character is cut in two`)
}
t.equal(
  failureText(new CephflexError('EMOUNT', 'a\nb\t c')),
  failureText(new CephflexError('EMOUNT', 'a b c')),
  'one line',
)
