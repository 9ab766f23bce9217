import t from 'tap'
import { parseUnmountRequest } from '../../../src/core/target/unmount-request.js'

t.equal(parseUnmountRequest(['/a//b/']), '/a/b', 'the target, normalised')
for (const args of [[], ['/a', '/b']]) {
  const expected = { code: 'EBADREQUEST', message: `not ${args.length}` }
  t.throws(() => parseUnmountRequest(args), expected, `${args.length} arguments`)
}
t.throws(
  () => parseUnmountRequest(['a']),
  { code: 'EBADREQUEST', message: 'absolute' },
  'the target is checked',
)
