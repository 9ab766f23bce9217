import t from 'tap'
import { parseAuthText } from '../../../../src/core/provision/caps/auth-text.js'
import { buildCaps } from '../../../../src/core/provision/caps/caps.js'
import { lintCaps } from '../../../../src/core/provision/caps/lint.js'

const OURS = buildCaps({
  path: '/volumes/kubernetes/a-b',
  pool: 'data',
  namespace: 'ns',
  readOnly: false,
  fsName: 'cephfs',
})
const texts = (caps: Record<string, string>) => lintCaps('client.a', caps).findings.map(({ text }) => text)

const LATER = ' fsname=cephfs path="/volumes/kubernetes/a-b"'
t.strictSame(lintCaps('client.a', OURS), {
  entity: 'client.a',
  covers: ['/volumes/kubernetes/a-b'],
  access: [{ path: '/volumes/kubernetes/a-b', mount: true, read: true, write: true, others: false }],
  parses: { '10.1': LATER, '10.2': LATER, '14.2': LATER, '16.2': true, today: true },
  findings: [],
})

t.test('caps of the old provisioner', async t => {
  const report = lintCaps('client.kubernetes-dynamic-user-1', {
    mds: 'allow r,allow rw path=/volumes/kubernetes/kubernetes-dynamic-pvc-1',
    osd: 'allow rw pool=cephfs_data namespace=fsvolumens_kubernetes-dynamic-pvc-1',
    mon: 'allow r',
  })
  t.strictSame(report.covers, ['/', '/volumes/kubernetes/kubernetes-dynamic-pvc-1'])
  t.match(report.findings, [
    {
      level: 'warning',
      text: /10\.1 ignores all mds caps of this user: parsing stops at "-dynamic-pvc-1", because that release/,
    },
    { level: 'warning', text: /"allow r" without a path/ },
  ])
  t.equal(
    report.repair,
    `ceph auth caps client.kubernetes-dynamic-user-1 mds 'allow rw path="/volumes/kubernetes/kubernetes-dynamic-pvc-1"' mon 'allow r' osd 'allow rw pool=cephfs_data namespace=fsvolumens_kubernetes-dynamic-pvc-1'`,
  )
})

t.test('faults', async t => {
  t.match(texts({}), [/^no caps of client\.a were found/], 'one thing, since a keyring may hold only the key')
  t.equal(texts({}).length, 1)
  t.match(texts({ mgr: 'allow r' }), [/^no caps/])
  t.match(texts({ mds: '', osd: OURS['osd'] ?? '' }), [/no mds caps/, /no mon caps/])
  t.match(texts({ ...OURS, mds: 'allow rw path=/a b' }), [/ignores all of them: parsing stops at " b"/])
  t.match(texts({ ...OURS, mds: 'allow *' }), [/change every file/, /quotas/])
  t.match(texts({ ...OURS, mds: 'allow rwp path="/a"' }), [/10\.1/, /quotas/])
  t.match(texts({ ...OURS, osd: 'allow rw pool=data' }), [/every volume in the pool data/])
  t.match(texts({ ...OURS, osd: 'allow rwx' }), [/every pool/])
  t.match(texts({ ...OURS, osd: 'allow rw tag cephfs data=cephfs' }), [/whole file system/])
  t.match(texts({ ...OURS, mon: 'allow *' }), [/change the cluster/])
  t.match(texts({ ...OURS, mon: 'allow rw' }), [/change the cluster/])
})

t.test('the layout of a live directory', async t => {
  const report = lintCaps('client.a', OURS, { layoutOf: () => ({ pool: 'data', namespace: 'other' }) })
  t.match(report.findings, [
    {
      level: 'error',
      text: /^osd "allow rw pool=data namespace=ns" is for the namespace ns: every read and write in .* fails \(its data is in pool data, namespace other\)$/,
      works: `osd 'allow rw pool=data namespace=other'`,
    },
  ])
  t.match(report.repair, /namespace=other'$/)
  t.strictSame(
    lintCaps('client.a', OURS, { layoutOf: () => ({ pool: 'data', namespace: 'ns' }) }).findings,
    [],
  )
  const bare = lintCaps('client.a', OURS, { layoutOf: () => ({ pool: 'data', namespace: '' }) })
  t.match(bare.findings, [{ text: /without a namespace/ }])
  t.match(bare.repair, /osd 'allow rw pool=data namespace=""'$/)
})

t.test('the repair quotes the path where it cannot narrow the caps', async t => {
  const repair = (caps: Record<string, string>) => lintCaps('client.a', { ...OURS, ...caps }).repair
  t.equal(
    repair({ mds: 'allow rw path=/a-b', osd: 'allow rw pool=data' }),
    `ceph auth caps client.a mds 'allow rw path="/a-b"' mon 'allow r' osd 'allow rw pool=data'`,
    'without a namespace',
  )
  t.match(
    repair({ mds: 'allow rw path=/a-b, allow r path=/c-d' }),
    `mds 'allow rw path="/a-b", allow r path="/c-d"' mon 'allow r'`,
    'several directories',
  )
  t.match(repair({ mds: 'allow rw path=/a b', osd: 'allow rw pool=data' }), `mds 'allow rw path="/a b"'`)
  t.equal(repair({ mds: 'allow rw path=/ab', osd: 'allow rw pool=data' }), undefined, 'nothing to quote')
  t.equal(
    repair({ mds: 'allow rw path=/a"b', osd: 'allow rw pool=data' }),
    undefined,
    'quoting does not help',
  )
  for (const more of [' uid=5', ' root_squash', ' network 10.0.0.0/8'])
    t.equal(repair({ mds: `allow rw path=/a-b${more}` }), undefined, `no repair that would lose${more}`)
})

t.test('a repair survives a shell', async t => {
  const { repair } = lintCaps('client.a', { ...OURS, mds: `allow rwp path="/it's"` })
  t.match(repair, `path="/it'\\''s"`)
})

t.test('texts', async t => {
  const KEYRING =
    '[client.a]\n\tkey = AQA=\n\tcaps mds = "allow rw path=\\"/v-1\\""\n\tcaps mon = "allow r"\n'
  const expected = [{ entity: 'client.a', caps: { mds: 'allow rw path="/v-1"', mon: 'allow r' } }]
  t.strictSame(parseAuthText(KEYRING), expected)
  t.strictSame(
    parseAuthText(`exported keyring for client.a\n${KEYRING}`),
    expected,
    'with the first line that ceph prints',
  )
  t.strictSame(parseAuthText(KEYRING.replaceAll('\\"', '"')), expected, 'the form of older releases')
  t.strictSame(parseAuthText(JSON.stringify(expected)), expected, 'JSON')
  t.strictSame(parseAuthText(JSON.stringify({ auth_dump: expected })), expected, 'JSON of auth ls')
  t.strictSame(
    parseAuthText('client.a\n\tkey: AQA=\n\tcaps: [mds] allow rw path="/v-1"\n\tcaps: [mon] allow r\n'),
    expected,
    'auth ls',
  )
  t.throws(() => parseAuthText('nothing'), { code: 'EBADREQUEST' })
  t.notMatch(JSON.stringify(parseAuthText(KEYRING)), 'AQA=', 'no key')
})
