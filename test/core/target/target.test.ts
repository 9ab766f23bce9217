import t from 'tap'
import { parseTarget } from '../../../src/core/target/target.js'

const POD = '/var/lib/kubelet/pods/0b1c-9/volumes/me~cephflex/data'

t.equal(parseTarget(POD), POD, "the kubelet's own directories")
t.equal(
  parseTarget('//a/./b-c_d~e:f@g%h+i=j,k//'),
  '/a/b-c_d~e:f@g%h+i=j,k',
  'harmless characters, normalised',
)
t.equal(parseTarget(`/${'a'.repeat(3999)}`).length, 4000, '4000 bytes')

const REFUSED: [text: string, rule: string][] = [
  ['', 'absolute'],
  ['a/b', 'absolute'],
  ['/', 'root directory'],
  ['/./', 'root directory'],
  ['/a/../b', '".."'],
  ['/a\n', 'control character'],
  ['/a\0', 'control character'],
  [`/${'a'.repeat(4000)}`, '4000 bytes'],
  ...[
    '/a b',
    '/a;b',
    '/$(a)',
    '/a&b',
    "/a'b",
    '/a"b',
    '/a`b',
    '/a\\b',
    '/a|b',
    '/a*',
    '/é',
    '/a(b',
    '/a#b',
  ].map((text): [string, string] => [text, 'letters, digits']),
]
for (const [text, rule] of REFUSED) {
  t.throws(
    () => parseTarget(text),
    { code: 'EBADREQUEST', message: rule },
    `${JSON.stringify(text).slice(0, 20)}: ${rule}`,
  )
}
