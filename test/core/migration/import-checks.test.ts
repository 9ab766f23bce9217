import t from 'tap'
import { checkImport } from '../../../src/core/migration/import-checks.js'
import { parseVolumeObjects } from '../../../src/core/migration/pv-file.js'

const PATH = '/volumes/kubernetes/kubernetes/one'

type Changes = { spec?: object; annotations?: object; source?: object }

const pv = (name: string, path: string | undefined, { spec, annotations, source }: Changes = {}) => ({
  kind: 'PersistentVolume',
  metadata: { name, annotations: annotations ?? { 'pv.kubernetes.io/provisioned-by': 'ceph.com/cephfs' } },
  spec: {
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Delete',
    cephfs: { monitors: ['10.0.0.1'], path, user: 'one', ...source },
    ...spec,
  },
})
const flex = (name: string, driver: string, options: object) =>
  pv(name, undefined, { spec: { cephfs: undefined, flexVolume: { driver, options } } })
const csi = (name: string, volumeAttributes: object) =>
  pv(name, undefined, {
    spec: { cephfs: undefined, csi: { driver: 'cephfs.csi.ceph.com', volumeAttributes } },
  })

/** The reason to refuse `one`, if it is in a file with other objects. */
const reason = (others: object[], one: object = pv('one', PATH), include: string[] = []) => {
  const { volumes, places } = parseVolumeObjects(
    JSON.stringify({ kind: 'List', items: [one, ...others].map(strip) }),
  )
  const [volume] = volumes
  if (!volume) throw new Error('no volume')
  try {
    checkImport(volume, places, include)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
const strip = (object: unknown) => JSON.parse(JSON.stringify(object)) as unknown

t.test('other PersistentVolumes', async t => {
  const overlapping: [other: object, reason: RegExp][] = [
    [pv('two', PATH), /is also the directory of the PersistentVolume two/],
    [pv('two', `//volumes/./kubernetes//kubernetes/one/`), /is also the directory/],
    [pv('two', PATH.slice(1)), /is also the directory/],
    [pv('two', `${PATH}/../one`), /is also the directory/],
    [pv('two', PATH, { spec: { persistentVolumeReclaimPolicy: 'Retain' } }), /is also the directory/],
    [
      pv('two', '/volumes/kubernetes', { source: { readOnly: true } }),
      /is in \/volumes\/kubernetes, the directory of/,
    ],
    [pv('two', undefined), /is in \/, the directory of the PersistentVolume two/],
    [pv('two', `${PATH}/sub/dir`), /one\/sub\/dir, the directory of the PersistentVolume two, is in/],
    [flex('two', 'ceph/cephfs', { path: PATH }), /is also the directory/],
    [flex('two', 'cephflex/cephfs', { monitors: 'a', path: `${PATH}/x` }), /is in/],
    [csi('two', { rootPath: `${PATH}/` }), /is also the directory/],
    [csi('two', { subvolumePath: `${PATH}/x` }), /is in/],
  ]
  for (const [other, expected] of overlapping) {
    t.match(reason([other]), expected)
    t.match(reason([other], undefined, ['one']), expected, 'no flag allows it')
  }
  t.match(reason([pv('one', `${PATH}2`)]), /one2 is a directory of one, too$/, 'two objects of one name')
  const apart = [
    pv('two', `${PATH}2`),
    pv('two', '/volumes/kubernetes/kubernetes/on'),
    flex('two', 'vendor/nfs', { server: 'a' }),
    csi('two', { pool: 'rbd' }),
    pv('one', PATH),
    { kind: 'PersistentVolumeClaim', metadata: { name: 'two' } },
  ]
  t.equal(reason(apart), undefined)
  const inFs = (name: string, fsName: string) =>
    flex(name, 'cephflex/cephfs', { monitors: 'a', path: PATH, fsName })
  t.equal(reason([inFs('two', 'b')], inFs('one', 'a')), undefined, 'another file system')
  t.match(reason([inFs('two', 'a')], inFs('one', 'a')), /is also/)
})

t.test('volumes that a person must name', async t => {
  const asked: [Changes, RegExp][] = [
    [{ source: { readOnly: true } }, /one was not imported: it is read-only$/],
    [{ spec: { accessModes: ['ReadOnlyMany'] } }, /it is read-only$/],
    [{ spec: { persistentVolumeReclaimPolicy: 'Retain' } }, /its reclaim policy is Retain, not Delete$/],
    [{ spec: { persistentVolumeReclaimPolicy: 'Recycle' } }, /is Recycle/],
    [{ spec: { persistentVolumeReclaimPolicy: undefined } }, /is not set/],
    [{ annotations: {} }, /no provisioner created it$/],
    [{ annotations: {}, source: { readOnly: true } }, /it is read-only, and no provisioner created it$/],
  ]
  for (const [changes, expected] of asked) {
    const one = pv('one', PATH, changes)
    t.match(reason([], one), expected)
    t.match(reason([], one, ['two']), expected)
    t.equal(reason([], one, ['two', 'one']), undefined)
  }
})
