import t from 'tap'
import { EXPLANATIONS } from '../../src/core/error-codes.js'

// words that are written in capitals wherever they stand
const NAMES = /^(?:CephFS|Debian|Secret|MDS|OSD|Ceph)\b/

for (const [code, { means, fix }] of Object.entries(EXPLANATIONS)) {
  t.match(code, /^E[A-Z]+$/, `${code} looks like an errno`)
  for (const [name, text] of Object.entries({ means, fix })) {
    t.ok(/^[a-z]/.test(text) || NAMES.test(text), `${code}: ${name} begins in lower case`)
    t.notMatch(text, /[.!\s]$/, `${code}: ${name} ends without a full stop`)
    t.notMatch(text, /[\n\t]|[^ -~]/, `${code}: ${name} is one line of plain characters`)
    t.ok(text.length > 10 && text.length < 200, `${code}: ${name} is a short sentence`)
  }
}
