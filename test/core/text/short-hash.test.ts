import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { shortHash } from '../../../src/core/text/short-hash.js'

const byNode = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

t.equal(shortHash('abc'), 'ba7816bf8f01cfea', 'the vector of FIPS 180-2')
fc.assert(
  fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => shortHash(text) === byNode(text)),
)
t.pass('the same as SHA-256 of Node for any text')
