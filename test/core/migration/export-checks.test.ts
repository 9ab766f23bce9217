import t from 'tap'
import { csiSecret, csiVolume } from '../../../src/core/migration/csi.js'
import { clustersOf, exportProblem } from '../../../src/core/migration/export-checks.js'
import { parseVolumeObjects } from '../../../src/core/migration/pv-file.js'
import { isVolumeName } from '../../../src/core/provision/names.js'

const OPTIONS = { driver: 'cephfs.csi.ceph.com', clusterId: 'x', secretNamespace: 'default' }

const volumes = (...specs: object[]) =>
  parseVolumeObjects(
    JSON.stringify({
      kind: 'List',
      items: specs.map((spec, i) => ({ kind: 'PersistentVolume', metadata: { name: `v${i}` }, spec })),
    }),
  ).volumes
const flex = (options: object, driver = 'cephflex/cephfs') => ({ flexVolume: { driver, options } })
const FULL = { monitors: '10.0.0.1', path: '/a', user: 'web' }

t.test('what is left out', async t => {
  const cases: [spec: object, reason: RegExp | undefined][] = [
    [flex(FULL), undefined],
    [flex({ ...FULL, user: undefined, id: 'web' }), undefined],
    [{ cephfs: { monitors: ['10.0.0.1'], path: '/a', user: 'web' } }, undefined],
    [flex(FULL, 'vendor/nfs'), /its driver is vendor\/nfs, not cephflex\/cephfs/],
    [flex({ server: 'nfs', share: '/x' }, 'vendor/nfs'), /its driver is vendor\/nfs/],
    [flex({ ...FULL, path: '' }), /names no path/],
    [flex({ ...FULL, user: undefined }), /names no user/],
    [{ cephfs: { monitors: ['10.0.0.1'], user: 'web' } }, /names no path/],
    [{ cephfs: { monitors: ['10.0.0.1'], path: '/a' } }, /names no user/],
  ]
  for (const [spec, reason] of cases) {
    const [volume] = volumes(spec)
    if (!volume) throw new Error('no volume')
    const found = exportProblem(volume, 'cephflex/cephfs')
    if (reason === undefined) t.equal(found, undefined)
    else t.match(found, reason)
  }
})

t.strictSame(
  clustersOf(
    volumes(
      flex({ ...FULL, monitors: '10.0.0.1,10.0.0.2' }),
      flex({ ...FULL, monitors: '10.0.0.3:6789' }),
      flex({ ...FULL, monitors: '10.0.0.2:6789,10.0.0.4' }),
      flex({ path: '/a', user: 'web' }),
      flex({ ...FULL, monitors: 'v2:10.0.0.3:3300,v1:10.0.0.3:6789' }),
    ),
  ),
  [
    ['v0', 'v2'],
    ['v1', 'v4'],
  ],
  'volumes that share a monitor are of one cluster',
)

t.test('names of objects', async t => {
  const users = [
    'web',
    'a_b',
    'a-b',
    'A-b',
    'a.b',
    'a..b',
    'web@site',
    'a/b',
    'ab',
    'AB',
    '_x',
    'x'.repeat(128),
    'X'.repeat(300),
  ]
  const names = users.map(
    user => csiSecret({ ...volumes(flex(FULL))[0], user } as never, OPTIONS).metadata.name,
  )
  t.equal(new Set(names).size, users.length, 'each user has its own Secret')
  for (const name of names) t.ok(isVolumeName(name), name)
  t.strictSame(names.slice(0, 2), ['csi-ceph-web-secret', 'csi-ceph-a-b-secret'], 'plain names stay')
  const long = ['a'.repeat(253), `${'a'.repeat(252)}b`, `${'a'.repeat(199)}.${'b'.repeat(53)}`, 'a.b']
  const pvs = long.map(name => csiVolume({ ...volumes(flex(FULL))[0], name } as never, OPTIONS).metadata.name)
  t.equal(new Set(pvs).size, long.length)
  for (const name of pvs) t.ok(isVolumeName(name), name)
})
