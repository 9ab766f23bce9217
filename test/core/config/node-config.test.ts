import t from 'tap'
import { DEFAULT_NODE_CONFIG } from '../../../src/core/config/node-config.js'
import { parseNodeConfig, usablePart } from '../../../src/core/config/node-config-schema.js'
import { KEY } from '../../support/volumes.js'

const parse = (config: unknown) => parseNodeConfig(JSON.stringify(config))

t.equal(parseNodeConfig(undefined), DEFAULT_NODE_CONFIG, 'no file: the defaults')
t.strictSame(parse({}), DEFAULT_NODE_CONFIG, 'an empty object: the defaults')

const FULL = {
  clusters: { main: { monitors: '10.0.0.1,10.0.0.2', fsName: 'data' }, other: { monitors: '[v2:a,v1:a]' } },
  secretDirectories: ['/etc/cephflex/keys'],
  kubeletRoots: ['/var/lib/kubelet'],
  recovery: true,
  guardLocalDisk: true,
  runDirectory: '/run/x',
  logDirectory: '/var/log/x',
  searchPath: ['/opt/ceph/bin'],
  cephConf: '/etc/cephflex/ceph.conf',
  clientSharing: 'pod',
  timeoutSeconds: 110,
}
t.strictSame(parse(FULL), FULL, 'every setting is accepted')
t.strictSame(parseNodeConfig(`\uFEFF${JSON.stringify(FULL)}`), FULL, 'a byte order mark is ignored')
t.strictSame(usablePart(`\uFEFF${JSON.stringify(FULL)}`), FULL)
t.strictSame(
  parse({ secretDirectories: ['//a/./b/'] }).secretDirectories,
  ['/a/b'],
  'directories are normalised',
)

const REFUSED: [config: unknown, problem: string][] = [
  [[], 'the configuration file must be an object'],
  [null, 'the configuration file must be an object'],
  [{ cluster: {} }, 'the configuration file must not contain "cluster": did you mean "clusters"?'],
  [{ clusters: [] }, 'clusters must be an object'],
  [{ clusters: { a: 1 } }, 'clusters.a must be an object'],
  [{ clusters: { a: {} } }, 'clusters.a.monitors must be a string'],
  [{ clusters: { a: { monitors: 'b$d' } } }, 'clusters.a.monitors entry "b$d" is not a host name or address'],
  [
    { clusters: { a: { monitors: 'b', fsname: 'c' } } },
    'clusters.a must not contain "fsname": did you mean "fsName"?',
  ],
  [{ clusters: { a: { monitors: 'b', fsName: 'c,d' } } }, 'clusters.a.fsName must consist of letters'],
  [{ clusters: { a: { monitors: 'b', fsName: 1 } } }, 'clusters.a.fsName must be a string'],
  [{ clusters: { 'a b': { monitors: 'b' } } }, 'clusters.a b must have a name of letters'],
  [{ secretDirectories: '/a' }, 'secretDirectories must be a list of directories'],
  [{ secretDirectories: ['a'] }, 'secretDirectories[1] must be an absolute path'],
  [{ secretDirectories: ['/'] }, 'secretDirectories[1] must not be "/"'],
  [{ secretDirectories: ['/a/..'] }, 'secretDirectories[1] must not contain the component'],
  [{ searchPath: ['/a', 1] }, 'searchPath[2] must be an absolute path'],
  [{ cephConf: 'ceph.conf' }, 'cephConf must be an absolute path'],
  [{ runDirectory: 'run' }, 'runDirectory must be an absolute path'],
  [{ logDirectory: '' }, 'logDirectory must be an absolute path'],
  ...[4, 111, 5.5, '60', null].map((timeoutSeconds): [unknown, string] => [
    { timeoutSeconds },
    'timeoutSeconds must be a whole number from 5 to 110',
  ]),
]
for (const [config, problem] of REFUSED) {
  t.throws(() => parse(config), { code: 'EBADCONFIG', message: problem }, JSON.stringify(config))
}
t.throws(
  () => parse({ timeoutSeconds: 1e99 }),
  { message: /^timeoutSeconds must be a whole number from 5 to 110$/ },
  'a problem is named once',
)
t.throws(
  () => parse({ runDirectory: 1, timeoutSeconds: 1, x: 1 }),
  {
    code: 'EBADCONFIG',
    message: /^runDirectory .*; timeoutSeconds .*; the configuration file must not contain "x"$/,
  },
  'all problems are in one message',
)
for (const text of ['', `{"key": ${KEY}`, KEY, '{"a":1}}']) {
  t.throws(
    () => parseNodeConfig(text),
    { code: 'EBADCONFIG', message: /^the configuration file is not valid JSON$/, cause: undefined },
    `${text.slice(0, 8)} is not quoted in the message`,
  )
}

t.strictSame(
  usablePart('{"runDirectory": "/run/x", "timeoutSeconds": 1, "recovrey": true}'),
  { ...DEFAULT_NODE_CONFIG, runDirectory: '/run/x' },
  'the valid keys of a file with mistakes can be used',
)
for (const text of ['{', '[]', 'null', '7', '"x"', ''])
  t.strictSame(usablePart(text), DEFAULT_NODE_CONFIG, `nothing of ${text || 'an empty file'}`)
t.throws(
  () => parse({ recovrey: true, clusters: 1 }),
  { code: 'EBADCONFIG', hint: 'correct "clusters", "recovrey"' },
  'the hint names the keys',
)
