import { inspect } from 'node:util'
import t from 'tap'
import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../../../src/core/config/node-config.js'
import { OPTIONS } from '../../../src/core/volume/option-fields.js'
import { parseVolumeOptions } from '../../../src/core/volume/options.js'
import type { VolumeOptions } from '../../../src/core/volume/volume.js'
import { base64, KEY, optionsJson, volume } from '../../support/volumes.js'

const CONFIG: NodeConfig = {
  ...DEFAULT_NODE_CONFIG,
  clusters: {
    main: { monitors: 'v2:10.1.0.1', fsName: 'fs1' },
    plain: { monitors: 'a' },
    broken: { monitors: '-' },
  },
  secretDirectories: ['/etc/cephflex/keys'],
  timeoutSeconds: 33,
}
const NO_SECRET = { 'kubernetes.io/secret/key': undefined }
const FSGROUP = 'kubernetes.io/mounterArgs.FsGroup'

const parse = (changes: Record<string, unknown> = {}, config = CONFIG): VolumeOptions =>
  parseVolumeOptions(optionsJson(changes), config)

const thrown = (action: () => unknown): unknown => {
  try {
    return action()
  } catch (error) {
    return error
  }
}

t.strictSame(
  parse({ clientSharing: undefined }, DEFAULT_NODE_CONFIG),
  volume({ clientSharing: 'node' }),
  'monitors and a key are enough',
)
t.match(parse({ clientSharing: undefined }, { ...DEFAULT_NODE_CONFIG, clientSharing: 'pod' }), {
  clientSharing: 'pod',
})

t.strictSame(
  parse({ ...NO_SECRET, 'kubernetes.io/secret': base64(KEY) }, DEFAULT_NODE_CONFIG),
  volume(),
  'before Kubernetes 1.3 the entry of the Secret had no name',
)

const ACCEPTED: [changes: Record<string, unknown>, expected: object, rule: string][] = [
  [{ monitors: 'a, [::1]:3300' }, { monitors: [{ host: 'a' }, { host: '::1', port: 3300 }] }, 'monitors'],
  [
    { monitors: undefined, cluster: 'main' },
    { monitors: [{ protocol: 'v2', host: '10.1.0.1' }], fsName: 'fs1' },
    'a cluster sets monitors and fsName',
  ],
  [
    { monitors: undefined, cluster: 'main', fsName: 'fs2' },
    { fsName: 'fs2' },
    "the volume's own fsName takes precedence",
  ],
  [{ path: '//a/./b c/' }, { path: '/a/b c' }, 'path is normalised'],
  ...(
    [
      ['dir', '/dir'],
      ['./dir/', '/dir'],
      ['.', '/'],
      ['/', '/'],
      ['a//b', '/a/b'],
      ['/dir ', '/dir '],
      ['.hidden', '/.hidden'],
    ] as const
  ).map(([path, expected]): [Record<string, unknown>, object, string] => [
    { path },
    { path: expected },
    `the path ${JSON.stringify(path)}`,
  ]),
  [{ path: '/a/.snap/s' }, { path: '/a/.snap/s', readOnly: true }, 'a snapshot is read-only'],
  [
    { path: '/a/.s/b', kernelOptions: 'snapdirname=.s' },
    { readOnly: true },
    'the snapshots have another name',
  ],
  [{ path: '/a/.snapped' }, { readOnly: false }, 'not a snapshot'],
  ...[
    'web@site',
    'a+b',
    'a:b',
    'a/b',
    'a,b',
    'a$b',
    '_a',
    '.a',
    'a b',
    'a=b',
    "a'b",
    'a"b',
    'a#b',
    'a]b',
    'a\\b',
  ].map((user): [Record<string, unknown>, object, string] => [
    { user: `client.${user}` },
    { user },
    `user ${user}`,
  ]),
  [{ user: 'web' }, { user: 'web' }, 'user'],
  [{ user: 'client.k8s.ns.pvc-1_a' }, { user: 'k8s.ns.pvc-1_a' }, 'the prefix client. is removed'],
  [{ id: 'client.web' }, { user: 'web' }, 'id is an alias of user'],
  [{ id: 'web', user: 'client.web' }, { user: 'web' }, 'both, if they agree'],
  [{ fsName: 'my-fs.1_a' }, { fsName: 'my-fs.1_a' }, 'fsName'],
  [{ mounter: 'fuse' }, { mounter: 'fuse' }, 'mounter fuse'],
  [{ mounter: 'kernel' }, { mounter: 'kernel' }, 'mounter kernel'],
  [{ mountOptions: 'noatime' }, { options: { fuse: ['noatime'], kernel: ['noatime'] } }, 'mountOptions'],
  [{ fuseOptions: 'client_oc=true' }, { options: { fuseFlags: ['--client_oc=true'] } }, 'fuseOptions'],
  [{ kernelOptions: 'rasize=1' }, { options: { kernel: ['rasize=1'] } }, 'kernelOptions'],
  [{ msMode: 'secure', monitors: 'a' }, { msMode: 'secure' }, 'msMode'],
  [
    { msMode: 'legacy', monitors: 'v2:a', mounter: 'fuse' },
    { msMode: 'legacy' },
    'msMode does not matter to fuse',
  ],
  [
    { ...NO_SECRET, secretFile: '/etc/cephflex//keys/web' },
    { credential: { from: 'file', path: '/etc/cephflex/keys/web' } },
    'secretFile below a configured directory',
  ],
  [{}, { timeoutS: 33 }, "the node's timeout"],
  [{ timeoutSeconds: '5' }, { timeoutS: 5 }, 'the shortest timeout'],
  [{ timeoutSeconds: '110' }, { timeoutS: 110 }, 'the longest timeout'],
  [{ fsGroupPolicy: 'root' }, { fsGroupPolicy: 'root' }, 'fsGroupPolicy'],
  [{ [FSGROUP]: '2000' }, { fsGroup: 2000 }, 'fsGroup since 1.15'],
  [{ 'kubernetes.io/fsGroup': '0' }, { fsGroup: 0 }, 'fsGroup before 1.15'],
  [{ [FSGROUP]: '4294967294' }, { fsGroup: 4294967294 }, 'the highest group'],
  [{ [FSGROUP]: '' }, { fsGroup: undefined }, 'an empty group is none'],
  [{ 'kubernetes.io/readwrite': 'ro' }, { readOnly: true }, 'readwrite ro of the kubelet'],
  [
    { 'kubernetes.io/readwrite': 'ro', mountOptions: 'rw' },
    { readOnly: true },
    'ro takes precedence over rw',
  ],
  [{ mountOptions: 'ro' }, { readOnly: true }, 'ro among the mountOptions'],
  [{ 'kubernetes.io/readwrite': undefined }, { readOnly: false }, 'rw is the default'],
  [
    { 'kubernetes.io/pod.name': 'p', 'kubernetes.io/pod.namespace': 'n', 'kubernetes.io/pod.uid': 'u-1' },
    { pod: { name: 'p', namespace: 'n', uid: 'u-1', volume: 'data' } },
    'the pod',
  ],
  [
    { 'kubernetes.io/pod.name': 'p\nq' },
    { pod: { name: undefined, volume: 'data' } },
    'invalid names are left out',
  ],
  [{ 'kubernetes.io/fsType': 'ext4' }, {}, 'fsType is ignored'],
  [{ 'kubernetes.io/new': { a: 1 } }, {}, 'unknown keys of the kubelet are ignored'],
]
t.test('accepted', async t => {
  for (const [changes, expected, rule] of ACCEPTED) t.match(parse(changes), expected, rule)
})

t.test('an option that is empty, blank or null is not given', async t => {
  const filled = { monitors: 'a', cluster: '', clientSharing: undefined }
  const without = parse(filled)
  const NAMES = Object.keys(OPTIONS).filter(name => name !== 'monitors' && name !== 'cluster')
  const KUBELET = ['kubernetes.io/readwrite', FSGROUP, 'kubernetes.io/pvOrVolumeName']
  for (const blank of ['', ' ', '\t\n', null, '<no value>', '<nil>', '""', "''"]) {
    for (const name of NAMES)
      t.strictSame(parse({ ...filled, [name]: blank }), without, `${name}: ${JSON.stringify(blank)}`)
    const all = Object.fromEntries(NAMES.map(name => [name, blank]))
    t.strictSame(parse({ ...filled, ...all }), without, `all of them: ${JSON.stringify(blank)}`)
    const sent = parse({ ...filled, ...Object.fromEntries(KUBELET.map(name => [name, blank])) })
    t.match(sent, { readOnly: false, pod: {} }, `what the kubelet sends: ${JSON.stringify(blank)}`)
    t.equal(parse({ cluster: 'main', monitors: blank }).fsName, 'fs1', 'empty monitors, and a cluster')
    t.equal(parse({ ...filled, user: 'web', id: blank }).user, 'web', 'an empty alias')
  }
})

const REFUSED: [changes: Record<string, unknown>, problem: string | RegExp, rule: string][] = [
  [{ monitors: undefined }, /^monitors is required, for example/, 'no monitors'],
  [{ monitors: '' }, /^monitors is required, for example/, 'empty monitors are none'],
  [{ monitors: ',' }, /^monitors contains no monitor$/, 'only a comma'],
  [{ monitors: '', cluster: ' ' }, /^monitors is required, for example/, 'neither'],
  [{ Monitors: '' }, '"Monitors" is not a known option', 'a typo of an option that is left empty'],
  [{ monitors: 'a!b' }, /^monitors entry "a!b" is not a host name or address$/, 'a bad monitor'],
  [{ monitors: 6789 }, /^"monitors" must be quoted: "6789"$/, 'a number, and no second problem'],
  [{ timeoutSeconds: 60 }, '"timeoutSeconds" must be quoted: "60"', 'a number must be quoted'],
  [{ path: true }, '"path" must be quoted: "true"', 'so must a boolean'],
  [{ path: ['/a'] }, '"path" must be a string', 'a list'],
  [
    { 'kubernetes.io/secret/key': 5 },
    /^"kubernetes.io\/secret\/key" must be quoted: "5"$/,
    'a number as a key',
  ],
  [{ ...NO_SECRET, secretFile: 5 }, /^"secretFile" must be quoted: "5"$/, 'a number as a file'],
  [{ Monitors: 'a' }, '"Monitors" is not a known option: did you mean "monitors"?', 'a typo'],
  [{ zzzzzz: 'a' }, /^"zzzzzz" is not a known option$/, 'an unknown option'],
  [{ cluster: 'main' }, 'monitors and cluster are mutually exclusive', 'both'],
  [
    { monitors: undefined, cluster: 'x' },
    'cluster "x" is not configured on this node (known: "main"',
    'unknown cluster',
  ],
  [{ monitors: undefined, cluster: 'constructor' }, 'is not configured', 'a property name of JavaScript'],
  [
    { monitors: undefined, cluster: 'a/b' },
    /^cluster must consist of letters[^;]*$/,
    'an invalid cluster is one problem',
  ],
  [{ monitors: undefined, cluster: 'broken' }, 'cluster "broken": entry "-"', 'bad monitors of a cluster'],
  [{ path: '../b' }, 'path must not contain the component ".."', 'a relative path that leads out'],
  [{ path: '/a/../b' }, 'path must not contain the component ".."', '..'],
  [{ path: '/a\nb' }, 'path must not contain a control character: "/a\\u{a}b"', 'a newline'],
  [{ path: '/a\tb\u200b' }, 'control character: "/a\\u{9}b\\u{200b}"', 'a tab and an invisible character'],
  [{ path: `/${'a'.repeat(4096)}` }, 'path must not be longer than 4096 bytes', 'a long path'],
  ...['client.', '-web', ' web', 'web ', 'é', 'a\u200b', 'a\n', 'a'.repeat(129)].map(
    (user): [Record<string, unknown>, string, string] => [
      { user },
      'user must consist of at most 128 printable ASCII characters',
      `user "${user}"`,
    ],
  ),
  [{ id: '-a' }, 'id must consist of at most 128 printable ASCII', 'id has the syntax of user'],
  [{ id: 'a', user: 'b' }, 'id differs from user', 'id and user differ'],
  ...['-fs', 'a,b', 'a b', 'a/b'].map((fsName): [Record<string, unknown>, string, string] => [
    { fsName },
    'fsName must consist of letters',
    `fsName "${fsName}"`,
  ]),
  [{ mounter: 'Fuse' }, 'mounter must be "auto", "fuse" or "kernel"', 'mounter'],
  [{ mountOptions: 'suid' }, 'mountOptions must not contain "suid"', 'mountOptions'],
  [{ fuseOptions: 'conf=/x' }, 'fuseOptions must not contain "conf"', 'fuseOptions'],
  [{ kernelOptions: 'ms_mode=crc' }, 'kernelOptions must not contain "ms_mode": use msMode', 'kernelOptions'],
  [{ msMode: 'safe' }, 'msMode must be "legacy"', 'msMode'],
  [
    { msMode: 'legacy', monitors: 'v2:a' },
    'msMode legacy needs a monitor with v1:',
    'msMode and monitors disagree',
  ],
  [{ secretFile: '/etc/cephflex/keys/a' }, 'secretFile and a Secret are mutually exclusive', 'two keys'],
  [{ ...NO_SECRET, secretFile: '/etc/shadow' }, /^secretFile must be below[^;]*$/, 'a file elsewhere'],
  [{ ...NO_SECRET, secretFile: '/etc/cephflex/keys' }, 'must be below', 'the directory itself'],
  [
    { ...NO_SECRET, secretFile: '/etc/cephflex/keys/../x' },
    /^secretFile must not contain[^;]*$/,
    '.. in secretFile',
  ],
  [
    { ...NO_SECRET, secretFile: 'keys/a' },
    /^secretFile must be an absolute path: keys\/a$/,
    'a relative secretFile',
  ],
  ...['4', '111', '1e1', '60s', '-5', '5.5', ' 60'].map(
    (timeoutSeconds): [Record<string, unknown>, string, string] => [
      { timeoutSeconds },
      'timeoutSeconds must be a whole number of seconds from 5 to 110',
      `timeoutSeconds "${timeoutSeconds}"`,
    ],
  ),
  [{ fsGroupPolicy: 'all' }, 'fsGroupPolicy must be "none" or "root"', 'fsGroupPolicy'],
  ...['4294967295', '-1', '1.5', 'root'].map((group): [Record<string, unknown>, string, string] => [
    { [FSGROUP]: group },
    'FsGroup must be a whole number',
    `fsGroup "${group}"`,
  ]),
  [{ 'kubernetes.io/readwrite': 'RO' }, 'readwrite must be "ro" or "rw"', 'readwrite'],
  [
    { path: '..', mounter: 'b', x: 'y' },
    /^"x" is not .*; path must .*; mounter must [^;]*$/,
    'all problems at once',
  ],
  [
    { path: '..', 'kubernetes.io/secret/key': base64('x') },
    /path must .*; the key is not a cephx key/,
    'and of the key',
  ],
  [
    Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`x${i}`, ''])),
    /; and 3 more$/,
    'but not without limit',
  ],
]
t.test('refused', async t => {
  for (const [changes, message, rule] of REFUSED) {
    t.match(
      thrown(() => parse(changes)),
      { code: 'EBADOPTIONS', message },
      rule,
    )
  }
  const nowhere = thrown(() => parse({ monitors: undefined, cluster: 'x' }, DEFAULT_NODE_CONFIG))
  t.match(nowhere, { message: 'known: none' }, 'a node without clusters')
})

t.test('options that are not JSON objects, or too long', async t => {
  for (const json of ['', '{', 'null', '[]', '"a"', '5', `{"key": ${KEY}}`]) {
    const error = thrown(() => parseVolumeOptions(json, CONFIG))
    t.match(error, { code: 'EBADREQUEST', cause: undefined }, `${json.slice(0, 8)} is refused`)
    t.notMatch(inspect(error), 'AQAs', 'and is not quoted')
  }
  const length = optionsJson({ path: '/' }).length
  const full = optionsJson({ path: '/' }).replace('{', `{${' '.repeat(131_071 - length)}`)
  t.equal(parseVolumeOptions(full, CONFIG).path, '/', '131071 bytes are accepted')
  t.match(
    thrown(() => parseVolumeOptions(`${full} `, CONFIG)),
    { code: 'EBADREQUEST', message: '131071' },
    'more are not',
  )
})

t.test('a problem of the key alone is EBADKEY', async t => {
  const CASES: [changes: Record<string, unknown>, message: string][] = [
    [NO_SECRET, 'needs a secretRef'],
    [{ 'kubernetes.io/secret/key': base64('x') }, 'not a cephx key'],
    [{ 'kubernetes.io/secret/key': base64(`[client.b]\nkey = ${KEY}`), user: 'a' }, 'only "client.b"'],
  ]
  for (const [changes, message] of CASES)
    t.match(
      thrown(() => parse(changes)),
      { code: 'EBADKEY', message },
      message,
    )
})

t.test('the key is never printed', async t => {
  const pieces = new RegExp([KEY, base64(KEY)].flatMap(text => text.match(/[A-Za-z0-9]{8}/g) ?? []).join('|'))
  const silent = (value: unknown, rule: string) => {
    t.notMatch(inspect(value, { depth: 20, showHidden: true }), pieces, `${rule}, inspected`)
    t.notMatch(`${value} ${JSON.stringify(value)}`, pieces, `${rule}, as text and JSON`)
  }
  silent(parse(), 'the parsed volume')
  const NAMES = [
    'monitors',
    'cluster',
    'path',
    'user',
    'id',
    'fsName',
    'mounter',
    'mountOptions',
    'fuseOptions',
  ]
  const MORE = [
    'kernelOptions',
    'msMode',
    'secretFile',
    'timeoutSeconds',
    'fsGroupPolicy',
    FSGROUP,
    KEY,
    base64(KEY),
  ]
  for (const name of [
    ...NAMES,
    ...MORE,
    'kubernetes.io/readwrite',
    'kubernetes.io/secret/key',
    `kubernetes.io/secret/${KEY}`,
  ]) {
    for (const text of [KEY, base64(KEY), `secret=${KEY}`, `${KEY}\0`, `[${KEY}]`]) {
      const result = thrown(() => parse({ [name]: text }))
      if (result instanceof Error) silent(result, `${name.slice(0, 25)} with a key in its value`)
    }
  }
})

t.test('a key pasted into another option is refused, and not quoted', async t => {
  for (const [option, value] of [
    ['path', `/${KEY}`],
    ['user', KEY],
    ['fsName', KEY],
  ] as const) {
    const error = thrown(() => parse({ [option]: value }))
    t.ok(error instanceof Error && !error.message.includes(KEY), option)
  }
  t.throws(() => parse({ path: `/a/${KEY}` }), {
    code: 'EBADKEY',
    message: "the Secret's key was also found in another option",
  })
})
