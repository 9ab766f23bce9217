import { inspect } from 'node:util'
import t from 'tap'
import { type ErrorCode, EXPLANATIONS } from '../../src/core/error-codes.js'
import { CephflexError, toCephflexError } from '../../src/core/errors.js'
import { KEY } from '../support/volumes.js'

// words that are always written in capitals
const NAMES = /^(?:CephFS|Debian|Secret|MDS|OSD|Ceph)\b/

for (const [code, { means, fix }] of Object.entries(EXPLANATIONS)) {
  t.match(code, /^E[A-Z]+$/, `${code} looks like an errno`)
  for (const [name, text] of Object.entries({ means, fix })) {
    t.ok(/^[a-z]/.test(text) || NAMES.test(text), `${code}: ${name} starts in lower case`)
    t.notMatch(text, /[.!\s]$/, `${code}: ${name} ends without a full stop`)
    t.notMatch(text, /[\n\t]|[^ -~]/, `${code}: ${name} is one line of plain characters`)
    t.ok(text.length > 10 && text.length < 200, `${code}: ${name} is a short sentence`)
  }
}

t.test('a CephflexError', async t => {
  const cause = new Error('why')
  const error = new CephflexError('EDENIED', 'client.web is not allowed to mount /', { cause })
  t.match(error, {
    name: 'CephflexError',
    code: 'EDENIED',
    message: 'client.web is not allowed to mount /',
    cause,
  })
  t.ok(error instanceof Error, 'it is an Error, with a stack for the log')
  t.equal(error.hint, EXPLANATIONS.EDENIED.fix, 'the hint comes from the table')
  t.equal(new CephflexError('EDENIED', 'x', { hint: 'do' }).hint, 'do', 'a hint of its own takes precedence')
  t.notOk(
    'cause' in new CephflexError('EBUG', 'x'),
    'without a cause there is no such property, not even undefined',
  )
  t.equal(toCephflexError(error), error, 'it is returned unchanged')
})

t.test('an error of the system', async t => {
  const error = (code: string) => Object.assign(new Error(`${code}: open '${KEY}'`), { code })
  t.match(toCephflexError(error('EIO')), { code: 'EBUG', message: /^unexpected error: EIO$/ })
  t.match(toCephflexError(error('EMFILE')), {
    message: /^unexpected error: EMFILE$/,
    hint: 'free memory, processes or file handles on this node, and try again',
  })
  t.match(toCephflexError(error(KEY)), { message: /^unexpected error$/ }, 'anything else may be input')
})

t.test('anything else that is thrown', async t => {
  const foreign: unknown[] = [new TypeError(`bad ${KEY}`), KEY, { message: KEY }, undefined, null, 7]
  for (const thrown of foreign) {
    const error = toCephflexError(thrown)
    t.equal(error.code, 'EBUG' satisfies ErrorCode, `${typeof thrown} is a defect of this program`)
    t.notMatch(
      `${error.message} ${error.hint}`,
      KEY,
      `${typeof thrown}: its text is hidden, as it may quote input`,
    )
    t.notMatch(JSON.stringify({ ...error, cause: '' }), KEY, `${typeof thrown}: no other property shows it`)
  }
  t.match(inspect(toCephflexError(new TypeError('x'))), /TypeError/, 'the cause is kept for the log')
})
