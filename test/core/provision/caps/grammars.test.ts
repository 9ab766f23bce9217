import fc from 'fast-check'
import t from 'tap'
import { lintCaps } from '../../../../src/core/provision/caps/lint.js'
import { ERAS, eraOf } from '../../../../src/core/provision/caps/mds-grammar.js'
import { parseMonCaps } from '../../../../src/core/provision/caps/mon-grammar.js'
import { isInNetwork } from '../../../../src/core/provision/caps/network.js'
import { parseOsdCaps } from '../../../../src/core/provision/caps/osd-grammar.js'
import { almostCaps, isParsed, SERVICES } from '../../../support/caps-texts.js'

const RUNS = 1_000

t.test('osd caps', async t => {
  const grants = (text: string) => {
    const reading = parseOsdCaps(text)
    return 'grants' in reading ? reading.grants.map(({ text: _, ...grant }) => grant) : reading.stoppedAt
  }
  const RW = { reads: true, writes: true }
  t.strictSame(grants('allow rw pool=data namespace=a*'), [{ ...RW, pool: 'data', namespace: 'a*' }])
  t.strictSame(grants('allow pool "da ta" namespace "" rw'), [{ ...RW, pool: 'da ta', namespace: '' }])
  t.strictSame(grants('allow *, allow r tag cephfs data = all'), [
    RW,
    { reads: true, writes: false, tag: { application: 'cephfs', key: 'data', value: '*' } },
  ])
  t.strictSame(grants('allow class-read object_prefix rbd'), [
    { reads: false, writes: false, objectPrefix: 'rbd' },
  ])
  t.strictSame(grants('profile rbd pool=a network 10.0.0.0/8'), [{ ...RW, pool: 'a', network: '10.0.0.0/8' }])
  t.strictSame(grants('allow class rbd get'), [{ reads: false, writes: false }])
  t.equal(grants('allow wr'), 'r')
  t.equal(grants('allow rw pool=data bogus'), 'bogus')
})

t.test('mon caps', async t => {
  const grants = (text: string, hasFsName = true) => {
    const reading = parseMonCaps(text, hasFsName)
    return 'grants' in reading
      ? reading.grants.map(({ reads, changes, fsName }) => [reads.join(), changes, fsName])
      : reading.stoppedAt
  }
  const ALL = 'mon,mds,osd,pg'
  t.strictSame(grants('allow r fsname=a, allow rw'), [
    [ALL, false, 'a'],
    [ALL, true, undefined],
  ])
  t.equal(grants('allow r fsname=a', false), 'fsname=a', 'older than 16.2')
  t.strictSame(grants('allow service=mds r, profile fs-client'), [
    ['mds', false, undefined],
    [ALL, false, undefined],
  ])
  t.strictSame(grants('allow command "osd blacklist" with a=b c prefix d'), [['', true, undefined]])
  t.strictSame(grants('profile rbd-mirror;allow profile "bootstrap-osd"'), [
    ['mon,osd,pg', true, undefined],
    ['mon,osd', true, undefined],
  ])
})

t.test('networks', async t => {
  for (const [address, network] of [
    ['10.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['10.1.2.3', '0.0.0.0/0'],
    ['fe80::1', 'fe80::/10'],
    ['::1', '0:0:0:0:0:0:0:1/128'],
  ] as const)
    t.ok(isInNetwork(address, network), `${address} is in ${network}`)
  for (const [address, network] of [
    ['11.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '10.1.2.3/'],
    ['10.1.2.3', '::/0'],
    ['10.1.2.3', '300.0.0.0/0'],
    ['10.1.2.3', 'bad/8'],
    ['::1', '1::2::3/0'],
    ['::1', '1:2/0'],
  ] as const)
    t.notOk(isInNetwork(address, network), `${address} is not in ${network}`)
})

t.test('a release has the grammar of the last change', async t => {
  t.strictSame([10, 13, 14, 15, 16, 17, 18, 20].map(eraOf), [
    ...['10.2', '10.2', '14.2', '14.2', '16.2', '16.2', 'today', 'today'],
  ])
})

t.test('any text: lint answers, and its findings do not contradict its verdict', async () => {
  const caps = fc.record(
    { mds: almostCaps('mds'), osd: almostCaps('osd'), mon: almostCaps('mon') },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(caps, fc.option(fc.constantFrom(...ERAS), { nil: undefined }), (texts, era) => {
      const { access, findings, repair } = lintCaps('client.a', texts, { era, address: '10.0.0.1' })
      const hasErrors = findings.some(({ level }) => level === 'error')
      if (access.some(({ mount, read }) => !mount || !read) && !hasErrors) return false
      if (access.some(({ mount, read, write }) => !mount && (read || write))) return false
      return repair === undefined || !repair.includes('undefined')
    }),
    { numRuns: RUNS },
  )
  fc.assert(
    fc.property(fc.constantFrom(...SERVICES), fc.string(), fc.constantFrom(...ERAS), (service, text, era) => {
      isParsed(service, text, era)
      return lintCaps('client.a', { [service]: text }).findings.length > 0
    }),
    { numRuns: RUNS },
  )
})
