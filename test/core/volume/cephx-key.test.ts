import { inspect } from 'node:util'
import t from 'tap'
import { parseKeyMaterial, pickSecret, secretNames } from '../../../src/core/volume/cephx-key.js'
import { base64, KEY, LONG_KEY } from '../../support/volumes.js'

const thrown = (action: () => unknown): unknown => {
  try {
    return action()
  } catch (error) {
    return error
  }
}

const changed = (change: (bytes: Buffer) => void): string => {
  const bytes = Buffer.from(KEY, 'base64')
  change(bytes)
  return bytes.toString('base64')
}

const keyring = (...sections: [entity: string, key: string][]): string =>
  sections.map(([entity, key]) => `[${entity}]\n\tkey = ${key}\n\tcaps mds = "allow rw"\n`).join('')

const ACCEPTED: [text: string, key: string, rule: string][] = [
  [KEY, KEY, 'a bare key'],
  [LONG_KEY, LONG_KEY, 'a key of Ceph 20'],
  [` \t${KEY}\r\n`, KEY, 'blanks around it'],
  [base64(KEY), KEY, 'another layer of base64'],
  [base64(`${KEY}\n`), KEY, 'another layer of base64, of a line'],
  [`${base64(LONG_KEY).replace(/.{76}/, '$&\n')}\n`, LONG_KEY, 'another layer of base64, in two lines'],
  [keyring(['client.web', KEY]), KEY, 'a keyring'],
  [`\uFEFF# made by hand\r\n[client.web]\r\nkey=${KEY}\r\n`, KEY, 'a keyring made on Windows'],
  [keyring(['client.admin', LONG_KEY], ['client.web', KEY]), KEY, 'a keyring with several entities'],
]

t.test('accepted', async t => {
  for (const [text, key, rule] of ACCEPTED) t.equal(parseKeyMaterial(text, 'web').reveal(), key, rule)
})

const REFUSED: [text: string, message: RegExp, rule: string][] = [
  ['', /is empty/, 'nothing'],
  [' \n', /is empty/, 'only blanks'],
  [`${KEY}\0`, /control character/, 'a NUL'],
  [`\u0001${KEY}`, /control character/, 'binary'],
  [KEY.slice(4), /not a cephx key/, 'the beginning is missing'],
  [KEY.slice(0, -1), /not a cephx key/, 'the end is missing'],
  [`${KEY}${KEY}`, /not a cephx key/, 'two keys'],
  [`${KEY} x`, /not a cephx key/, 'more text after the key'],
  [`key = ${KEY}`, /not a cephx key/, 'a line of a keyring'],
  [base64(base64(KEY)), /not a cephx key/, 'two more layers of base64'],
  ['hello', /not a cephx key/, 'not base64'],
  [base64('some other text of 28 bytes.'), /not a cephx key/, 'base64 of the right length'],
  [changed(bytes => bytes.writeUInt16LE(3, 0)), /not a cephx key/, 'an unknown type'],
  [changed(bytes => bytes.writeUInt16LE(2, 0)), /not a cephx key/, 'the length of another type'],
  [changed(bytes => bytes.writeUInt16LE(17, 10)), /not a cephx key/, 'a wrong length'],
  [KEY.replace('Ng==', 'Nh=='), /not a cephx key/, 'non-zero bits after the end'],
  [keyring(['client.admin', KEY]), /no section "client.web", only "client.admin"/, 'another entity'],
  [
    keyring(['mon.', KEY], [KEY, KEY]),
    /no section "client.web"$/,
    'entities other than clients are not named',
  ],
  [keyring([`client.${KEY.replace(/[+/=]/g, '')}`, KEY]), /only "client.<masked>"$/, 'a key as a name'],
  [keyring(['client.web', KEY], ['client.web', KEY]), /two sections "client.web"/, 'an entity twice'],
  ['[client.web]\n', /must contain one cephx key/, 'a section without a key'],
  [`[client.web]\nkey = ${KEY}\nkey = ${KEY}`, /must contain one cephx key/, 'a section with two keys'],
  [keyring(['client.web', KEY.slice(1)]), /must contain one cephx key/, 'a bad key in a keyring'],
]

t.test('refused', async t => {
  for (const [text, message, rule] of REFUSED) {
    const error = thrown(() => parseKeyMaterial(text, 'web'))
    t.match(error, { code: 'EBADKEY', message }, rule)
    t.notMatch(
      inspect(error, { depth: 9, showHidden: true }),
      /AQAs|AsGw|wpfZ|7BE2|wRNg|QVFB/,
      `${rule}: the value is not quoted`,
    )
  }
})

const entries = (secrets: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, text]) => [`kubernetes.io/secret/${name}`, base64(text)]),
  )

t.test('which entry of the Secret is used', async t => {
  t.equal(pickSecret({ monitors: 'a', ...entries({ other: 'x', key: 'y' }) }), 'y', '"key" comes first')
  t.equal(pickSecret(entries({ whatever: 'x' })), 'x', 'a single entry may have any name')
  t.equal(pickSecret(entries({ userID: 'a', userKey: 'x', adminKey: 'b' })), 'x', 'then "userKey"')
  t.strictSame(
    secretNames({ monitors: 'a', ...entries({ b: '', c: '' }) }),
    ['b', 'c'],
    'only the names are returned',
  )
  const error = (secrets: Record<string, string>) => thrown(() => pickSecret(secrets))
  t.match(
    error(entries({ a: KEY, b: KEY })),
    { code: 'EBADKEY', message: '"a", "b"' },
    'several entries are refused, by name',
  )
  t.match(error({}), { code: 'EBADKEY', message: 'needs a secretRef' }, 'no Secret, or an empty one')
  t.match(
    error(entries({ key: '' })),
    { code: 'EBADKEY', message: 'the entry "key" of the Secret is empty' },
    'empty',
  )
  for (const text of [KEY.slice(1), 'a b', 'QQ', 'Q===', 'QR==', '_-8=']) {
    const result = error({ 'kubernetes.io/secret/key': text })
    t.match(result, { code: 'EBADKEY', message: 'is not base64' }, `${text} is not valid base64`)
  }
})
