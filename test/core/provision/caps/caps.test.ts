import t from 'tap'
import { areOurCaps, buildCaps, capsList, isSameCaps } from '../../../../src/core/provision/caps/caps.js'
import { coversPath, ERAS, parseMdsCaps } from '../../../../src/core/provision/caps/mds-grammar.js'
import { ownsUser } from '../../../../src/core/provision/caps/owns-user.js'

const VOLUME = { path: '/volumes/kubernetes/a-b', pool: 'data', namespace: 'fsvolumens_a' }

t.strictSame(buildCaps({ ...VOLUME, readOnly: false }), {
  mds: 'allow rw path="/volumes/kubernetes/a-b"',
  mon: 'allow r',
  osd: 'allow rw pool=data namespace=fsvolumens_a',
})
t.strictSame(
  buildCaps({ ...VOLUME, readOnly: true, fsName: 'cephfs' }),
  {
    mds: 'allow r fsname=cephfs path="/volumes/kubernetes/a-b"',
    mon: 'allow r',
    osd: 'allow r pool=data namespace=fsvolumens_a',
  },
  'read-only, and a release that knows fsname',
)
for (const path of ['relative', '/a"b', '/ä', '/a\nb'])
  t.throws(
    () => buildCaps({ ...VOLUME, path, readOnly: false }),
    { code: 'EBADVOLUME' },
    JSON.stringify(path),
  )
for (const change of [{ pool: 'a b' }, { namespace: 'x y' }, { fsName: 'a"' }])
  t.throws(() => buildCaps({ ...VOLUME, readOnly: false, ...change }), { code: 'EBADVOLUME' })
t.strictSame(capsList({ mds: 'a', mon: 'b' }), ['mds', 'a', 'mon', 'b'])
t.ok(isSameCaps({ a: '1', b: '2' }, { b: '2', a: '1' }), 'the order does not matter')

t.test('every era of Ceph can parse the caps written here', async t => {
  for (const path of ['/a', '/a-b', '/a b', '/a,b', '/a:b*', "/a'b"]) {
    const { mds = '' } = buildCaps({ ...VOLUME, path, readOnly: false })
    for (const era of ERAS)
      t.strictSame(
        parseMdsCaps(mds, era),
        { grants: [{ text: mds, spec: 'rw', path, isQuoted: true }] },
        `${mds} in ${era}`,
      )
  }
})

t.test('grammars', async t => {
  const reads = (text: string) => ERAS.filter(era => 'grants' in parseMdsCaps(text, era))
  t.strictSame(reads('allow rw path=/a-b'), ['10.2', '14.2', '16.2', 'today'], '10.1 does not accept "-"')
  t.strictSame(
    parseMdsCaps('allow r, allow rw path=/volumes/k8s-1', '10.1'),
    { stoppedAt: '-1' },
    'where parsing stops',
  )
  t.strictSame(reads('allow rw path=/a_b.c'), [...ERAS])
  t.strictSame(reads('allow'), [...ERAS], 'the oldest form')
  t.strictSame(reads('allow *'), [...ERAS])
  t.strictSame(reads('allow r,allow rw path=/x;allow rw path="/y z"'), [...ERAS])
  t.strictSame(reads('allow rw uid=5'), [...ERAS])
  t.strictSame(reads('allow rw path=/a uid=5 gids=1,2'), ['10.2', '14.2', '16.2', 'today'])
  t.strictSame(reads('allow rwp'), ['10.2', '14.2', '16.2', 'today'])
  t.strictSame(reads('allow rwps path=/a'), ['14.2', '16.2', 'today'])
  t.strictSame(reads('allow rw fsname=cephfs path=/a'), ['16.2', 'today'])
  t.strictSame(reads('allow rw root_squash'), ['16.2', 'today'])
  t.strictSame(reads('allow rw network 10.0.0.0/8'), ['14.2', '16.2', 'today'])
  t.strictSame(reads('allow rw fsname=cephfs uid=5'), ['today'])
  t.strictSame(reads('allow rw root_squash uid=5 gids=1'), ['today'])
  for (const text of [
    '',
    'deny',
    'allow',
    'allow w',
    'allow rw path=',
    'allow rw path=/a b',
    'allow rw path=/a,b',
    'allow rw path=/ä',
    'allow rw path="/a',
    'allow rwx',
    'allow r,',
    'allowr',
    'allow r allow r',
  ])
    if (text !== 'allow') t.strictSame(reads(text), [], `"${text}"`)
})

t.test('which path covers which directory', async t => {
  for (const [grant, directory] of [
    [undefined, '/a'],
    ['/', '/a'],
    ['/a', '/a'],
    ['a', '/a/b'],
    ['/a/', '/a/b'],
    ['//a', '/a'],
  ] as const)
    t.ok(coversPath(grant, directory), `${grant} covers ${directory}`)
  for (const [grant, directory] of [
    ['/a', '/'],
    ['/a', '/ab'],
    ['/a/b', '/a'],
    ['/a/', '/a'],
    ['/a//b', '/a/b'],
    ['/./a', '/a'],
    ['/b/../a', '/a'],
  ] as const)
    t.notOk(coversPath(grant, directory), `${grant} does not cover ${directory}`)
})

t.test('which volume a user belongs to', async t => {
  const cluster = { dataPools: ['other', 'data'], fsName: 'cephfs' }
  const directory = VOLUME.path
  const owns = (caps: Record<string, string>) => ownsUser(caps, directory, VOLUME.namespace, cluster)
  const ours = buildCaps({ ...VOLUME, readOnly: false })
  t.ok(owns(ours))
  t.ok(owns(buildCaps({ ...VOLUME, readOnly: true, fsName: 'cephfs' })), 'created with another release')
  t.ok(owns(buildCaps({ ...VOLUME, path: `${directory}/5f-uuid`, readOnly: false })), 'a subvolume')
  t.notOk(owns({ ...ours, mon: 'allow *' }))
  t.notOk(owns({ ...ours, mgr: 'allow r' }), 'caps for one more service')
  t.notOk(owns({ ...ours, mds: `${ours['mds']}, allow r` }), 'one more grant')
  t.notOk(owns({ ...ours, mds: 'allow rw' }))
  t.notOk(owns({}))
  t.notOk(owns(buildCaps({ ...VOLUME, path: `${directory}2`, readOnly: false })), 'another directory')
  t.notOk(owns(buildCaps({ ...VOLUME, path: `${directory}/../x`, readOnly: false })))
  t.notOk(owns(buildCaps({ ...VOLUME, pool: 'foreign', readOnly: false })))
  t.notOk(areOurCaps({ ...ours, osd: 'allow rw pool=data' }, VOLUME), 'wider')
})
