import t from 'tap'
import { parseVolumeObjects } from '../../../src/core/migration/pv-file.js'
import { convertible, flexSteps, flexVolume } from '../../../src/core/migration/to-flex.js'
import { toYaml } from '../../../src/core/provision/kubernetes.js'
import { validate } from '../../support/kubernetes.js'

const inTree = (cephfs: object, spec: object = {}, name = 'data') => {
  const [volume] = parseVolumeObjects(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteMany'],
        storageClassName: 'ceph',
        claimRef: { namespace: 'apps', name: 'web', uid: '1', resourceVersion: '2' },
        cephfs: { monitors: ['10.0.0.1:6789', '10.0.0.2:6789'], ...cephfs },
        ...spec,
      },
    }),
  ).volumes
  if (!volume) throw new Error('no volume')
  return volume
}

t.test('everything that the in-tree plugin reads', async t => {
  const volume = inTree(
    { path: '/web/', user: 'web', readOnly: true, secretRef: { name: 'ceph-secret' } },
    { mountOptions: ['noatime', 'ro'] },
  )
  const converted = flexVolume(volume)
  t.doesNotThrow(() => validate(converted), 'the API server accepts it')
  t.strictSame(converted.metadata, { name: 'data-flex' })
  t.strictSame(converted.spec, {
    capacity: { storage: '5Gi' },
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: 'ceph',
    volumeMode: 'Filesystem',
    claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'web', namespace: 'apps' },
    flexVolume: {
      driver: 'cephflex/cephfs',
      secretRef: { name: 'ceph-secret-flex', namespace: 'apps' },
      options: {
        monitors: '10.0.0.1:6789,10.0.0.2:6789',
        path: '/web',
        user: 'web',
        mountOptions: 'ro,noatime',
      },
    },
  })
  t.match(flexSteps(volume), [
    /type cephflex\/cephfs: kubectl get secret -n 'apps' 'ceph-secret' .* create secret generic -n 'apps' 'ceph-secret-flex' --type=cephflex\/cephfs /,
    /mountOptions.*mount-test/,
  ])
})

t.test('what cannot be converted is left out', async t => {
  const good = inTree({})
  const [none, wrong] = [inTree({ monitors: [] }, {}, 'none'), inTree({ monitors: ['a$b'] }, {}, 'wrong')]
  const found = convertible([good, none, structuredClone(good), wrong])
  t.strictSame(found.good, [good], 'a volume that is there twice is converted once')
  t.match(found.leftOut, [
    { name: 'none', reason: /^monitors / },
    { name: 'wrong', reason: /^monitors .*a\$b/ },
  ])
  t.match(convertible([good, inTree({ path: '/other' })]), {
    good: [],
    leftOut: [{ name: 'data', reason: 'the file has it twice, with differences' }, {}],
  })
})

t.test('its defaults', async t => {
  const volume = inTree({}, { claimRef: undefined, storageClassName: undefined, capacity: undefined })
  const { spec } = flexVolume(volume)
  t.match(spec, { storageClassName: '', capacity: { storage: '1Gi' } })
  t.notOk('claimRef' in spec)
  t.strictSame(spec.flexVolume.options, {
    monitors: '10.0.0.1:6789,10.0.0.2:6789',
    path: '/',
    user: 'admin',
    secretFile: '/etc/ceph/admin.secret',
  })
  t.match(flexSteps(volume), [
    /reads its key from \/etc\/ceph\/admin\.secret: add .* secretDirectories/,
    /no size/,
  ])
  t.match(
    flexVolume(inTree({ secretFile: '/etc/keys/web' })).spec.flexVolume.options,
    { secretFile: '/etc/keys/web' },
    'a file of its own',
  )
  const unclaimed = inTree({ secretRef: { name: 's' } }, { claimRef: undefined })
  t.notMatch(toYaml([flexVolume(unclaimed)]), /namespace|undefined/, 'an unknown namespace is not written')
  t.match(flexSteps(unclaimed), [/kubectl get secret 's' /, /secretRef\.namespace/])
})

t.test('long names stay valid and different', async t => {
  const names = ['a', 'b'].map(end => flexVolume(inTree({}, {}, 'x'.repeat(252) + end)).metadata.name)
  t.ok(names.every(name => name.length <= 253))
  t.not(names[0], names[1])
})
