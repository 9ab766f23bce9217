import { inspect } from 'node:util'
import t from 'tap'
import { parseKeyMaterial } from '../../../src/core/volume/cephx-key.js'
import { pickSecret, secretNames } from '../../../src/core/volume/secret-entries.js'
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

const raw = (key: string, end = ''): Buffer => Buffer.concat([Buffer.from(key, 'base64'), Buffer.from(end)])
const json = (...users: [entity: string, key: string][]): string =>
  JSON.stringify(users.map(([entity, key]) => ({ entity, key, caps: { mon: 'allow r' } })))

const ACCEPTED: [content: string | Buffer, key: string, rule: string][] = [
  [raw(KEY), KEY, 'the bytes of a key: the key itself stood in the data of the Secret'],
  [raw(LONG_KEY), LONG_KEY, 'the bytes of a key of Ceph 20'],
  [raw(KEY, '\n'), KEY, 'the bytes of a key and a line end'],
  [raw(LONG_KEY, '\r\n'), LONG_KEY, 'the bytes of a key and a line end of Windows'],
  [`\uFEFF${KEY}\r\n`, KEY, 'a byte order mark'],
  [`[client.web]\n\tkey = ${KEY} # of 2026\n`, KEY, 'a comment after the key'],
  [`[client.web] ; web\n\tkey = ${KEY}; of 2026\n`, KEY, 'comments after name and key'],
  [`[client.web]\n\tkey = "${KEY}" # x\n`, KEY, 'a keyring with quotes'],
  [`[client.web]\n  key='${KEY}'\n`, KEY, 'a keyring with single quotes'],
  [`[client.web]\nkey = \\\n${KEY}\n`, KEY, 'a continued line'],
  [`[client.web]\nkey = ${LONG_KEY}\nkey = ${KEY}\n`, KEY, 'the last of two keys'],
  [keyring(['client.web', LONG_KEY], ['client.b', LONG_KEY], ['client.web', KEY]), KEY, 'a repeated section'],
  [
    `[client.web]\nkey = ${KEY}\n[client.web]\ncaps mon = "allow r"\n`,
    KEY,
    'a repeated section without a key',
  ],
  [`exported keyring for client.web\n${keyring(['client.web', KEY])}`, KEY, 'what ceph prints above it'],
  [json(['client.admin', LONG_KEY], ['client.web', KEY]), KEY, 'JSON of ceph auth get'],
  [
    JSON.stringify({ auth_dump: JSON.parse(json(['client.web', KEY])) }, null, 2),
    KEY,
    'JSON of ceph auth ls',
  ],
  [JSON.stringify({ key: KEY }), KEY, 'JSON of ceph auth get-key'],
  [base64(keyring(['client.web', KEY])), KEY, 'another layer of base64, of a keyring'],
  [base64(json(['client.web', KEY])), KEY, 'another layer of base64, of JSON'],
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
  for (const [content, key, rule] of ACCEPTED) t.equal(parseKeyMaterial(content, 'web').reveal(), key, rule)
})

const REFUSED: [content: string | Buffer, message: RegExp, rule: string][] = [
  ['', /is empty/, 'nothing'],
  [' \n', /is empty/, 'only blanks'],
  [`${KEY}\0`, /control character/, 'a NUL'],
  [`\u0001${KEY}`, /control character/, 'binary'],
  [KEY.slice(4), /not a cephx key/, 'the beginning is missing'],
  [KEY.slice(0, -1), /it is cut off: it has 39 of 40 characters/, 'the end is missing'],
  [`${KEY}${KEY}`, /not a cephx key/, 'two keys'],
  [`${KEY} x`, /not a cephx key/, 'more text after the key'],
  [`key = ${KEY}`, /it has "key =" before it/, 'a line of a keyring'],
  [`userKey: ${KEY}`, /it has "key =" before it/, 'a line of YAML'],
  [`secret=${KEY}`, /it has "secret=" before it/, 'a mount option'],
  [`client.web: ${KEY}`, /it has a name before it/, 'a name before it'],
  [base64(base64(KEY)), /it is base64-encoded 2 times more than a key/, 'two more layers of base64'],
  [base64(base64(base64(KEY))), /it is base64-encoded 3 times more/, 'three more layers of base64'],
  [Buffer.from(`\uFEFF${KEY}`, 'utf16le'), /it is text in UTF-16/, 'UTF-16'],
  [Buffer.from(KEY, 'utf16le'), /it is text in UTF-16/, 'UTF-16 without a mark'],
  [Buffer.from(keyring(['client.web', KEY]), 'utf16le'), /it is text in UTF-16/, 'a keyring in UTF-16'],
  [
    Buffer.from(keyring(['client.web', KEY]), 'utf16le').swap16(),
    /it is text in UTF-16/,
    'the same, big-endian',
  ],
  [Buffer.from(`\uFEFF${KEY}\r\n`, 'utf16le').swap16(), /it is text in UTF-16/, 'UTF-16, big-endian'],
  [`"${KEY}"`, /it is in quotes/, 'in quotes'],
  [`'${KEY}'`, /it is in quotes/, 'in single quotes'],
  [`“${KEY}”`, /it is in quotes/, 'in typographic quotes'],
  [KEY.replace(/.{10}/, '$& '), /it contains blanks or line breaks/, 'a blank inside'],
  [KEY.replace(/.{10}/, '$&\r\n\t'), /it contains blanks or line breaks/, 'in two lines'],
  [
    KEY.replace(/.{10}/, '$&\u200B'),
    /contains the invisible character "\\u\{200b\}"/,
    'a blank without width',
  ],
  [`\u200E${KEY}`, /contains the invisible character "\\u\{200e\}"/, 'a mark of direction before it'],
  [`${KEY}\\n`, /ends with the characters "\\n"/, 'a line end as a template writes it'],
  [KEY.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''), /URL-safe base64/, 'URL-safe base64'],
  [KEY.replaceAll('=', '%3D').replaceAll('+', '%2B'), /percent-encoded/, 'percent-encoded'],
  ...[
    '<KEY>',
    'CHANGEME',
    '{{ .Values.key }}',
    '$(cat key)',
    'AQD...==',
    'null',
    'your-key-here',
    'xxxx',
  ].map((text): [string, RegExp, string] => [text, /it is a placeholder/, text]),
  ['Error ENOENT: failed to find client.web in keyring', /it is an error message/, 'what ceph says'],
  [`${KEY}\n${LONG_KEY}`, /it is more than one key/, 'two keys'],
  [
    `client.web\n\tkey: ${KEY}\n\tcaps: [mon] allow r\n`,
    /other text around the key/,
    'a list of ceph auth ls',
  ],
  [
    `[client.web]\nkey = \n`,
    /key of "client.web" in the keyring .* it is empty/,
    'an empty key in a keyring',
  ],
  [json(['client.admin', KEY]), /no section "client.web", only "client.admin"/, 'JSON of another user'],
  [`{"userID": "web", "userKey": "${KEY}"}`, /it has other text around the key/, 'JSON of another program'],
  [`<entity>client.web</entity><key>${KEY}</key>`, /it has other text around the key/, 'XML'],
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
  ['[client.web]\n', /"client.web" of the keyring contains no key/, 'a section without a key'],
  [`[client.web]\nkey: ${KEY}\n`, /contains no key: it needs a line "key = ..."/, 'a section in YAML'],
  [
    keyring(['client.web', KEY.slice(1)]),
    /key of "client.web" in the keyring is not a cephx key/,
    'a bad key in a keyring',
  ],
]

t.test('refused', async t => {
  for (const [content, message, rule] of REFUSED) {
    const error = thrown(() => parseKeyMaterial(content, 'web'))
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
  const picked = (secrets: Record<string, string>, user?: string): string => {
    const { content, user: named } = pickSecret({ monitors: 'a', ...entries(secrets) }, user)
    return [String(content), ...(named === undefined ? [] : [named])].join(' of ')
  }
  t.equal(picked({ other: 'x', key: 'y' }), 'y', '"key" comes first')
  t.equal(picked({ key: 'y', userID: 'web' }), 'y of web', '"key", of the user that the Secret names')
  t.equal(picked({ key: 'y', userID: 'web' }, 'db'), 'y of db', 'the volume names the user')
  t.equal(picked({ whatever: 'x' }), 'x', 'a single entry may have any name')
  t.equal(
    picked({ userID: 'a', userKey: 'x', adminKey: 'b' }),
    'x of a',
    'then "userKey", of the user "userID"',
  )
  t.equal(picked({ adminID: 'client.boss', adminKey: 'b' }), 'b of boss', '"adminKey", of the user "adminID"')
  const both = { userID: 'a', userKey: 'x', adminID: 'boss', adminKey: 'y' }
  t.equal(picked(both), 'x of a', 'a Secret of ceph-csi')
  t.equal(picked(both, 'boss'), 'y of boss', 'a Secret of ceph-csi: the key of the user of the volume')
  t.equal(picked({ userID: '', userKey: 'x' }, 'web'), 'x', 'an empty userID names no user')
  t.equal(picked({ 'ceph-username': 'client.admin\n', 'ceph-secret': 'x', fsid: 'f' }), 'x of admin', 'Rook')
  t.equal(picked({ web: 'x', more: 'y' }, 'web'), 'x of web', "Rook's Secret of a CephClient")
  t.equal(picked({ keyring: 'x', more: 'y' }), 'x', 'a keyring')
  t.equal(
    picked({ 'ceph.client.web.keyring': 'x', 'ceph.conf': 'y' }, 'web'),
    'x of web',
    'the file of a keyring',
  )
  t.equal(
    picked({ 'ceph.client.web.keyring': 'x', 'ceph.client.admin.keyring': 'y' }),
    'y',
    'the file of the default user, if none is named',
  )
  t.equal(
    pickSecret({ ...entries({ userKey: 'x' }), 'kubernetes.io/secret/userID': 'kube' }).user,
    'kube',
    'a name that stood in the data of the Secret',
  )
  t.strictSame(
    secretNames({ monitors: 'a', ...entries({ b: '', c: '' }) }),
    ['b', 'c'],
    'only the names are returned',
  )
  const error = (secrets: Record<string, string>, user?: string) => thrown(() => pickSecret(secrets, user))
  for (const [secrets, message, user] of [
    [entries({ a: KEY, b: KEY }), 'more than one other entry: "a", "b"'],
    [entries({ userID: 'web' }), 'names a user, but has no key: "userID"'],
    [entries(both), 'the key of "client.a" (userID) and "client.boss" (adminID), not of "client.web"', 'web'],
    [
      entries({ userKey: KEY, userID: 'w\u0001' }),
      'the entry "userID" of the Secret is not the name of a Ceph user',
    ],
    [{}, 'needs a secretRef'],
    [entries({ key: '' }), 'the entry "key" of the Secret is empty'],
  ] as [Record<string, string>, string, string?][])
    t.match(error(secrets, user), { code: 'EBADKEY', message }, message)
  for (const text of [KEY.slice(1), 'a b', 'QQ', 'Q===', 'QR==', '_-8=']) {
    const result = error({ 'kubernetes.io/secret/key': text })
    t.match(result, { code: 'EBADKEY', message: 'is not base64' }, `${text} is not valid base64`)
  }
})
