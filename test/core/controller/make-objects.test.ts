import t from 'tap'
import { DEFAULT_NODE_CONFIG } from '../../../src/core/config/node-config.js'
import { isVolumeOf } from '../../../src/core/controller/claim.js'
import { isSecretOf, secretFor, secretRefOf, volumeFor } from '../../../src/core/controller/make-objects.js'
import { tenantVolumeNames } from '../../../src/core/provision/names.js'
import { parseParameters } from '../../../src/core/provision/parameters.js'
import { tenantFor } from '../../../src/core/provision/tenant.js'
import { Secret } from '../../../src/core/secret.js'
import { parseVolumeOptions } from '../../../src/core/volume/options.js'
import { claim, madeVolume, PV, SETTINGS, storageClass, UID } from '../../support/claims.js'
import { validate } from '../../support/kubernetes.js'
import { base64, KEY } from '../../support/volumes.js'

const make = (
  own: Record<string, string> = {},
  ofClass: Parameters<typeof storageClass>[0] = {},
  changes = {},
) => {
  const parameters = parseParameters({ monitors: 'mon.example:6789', ...own })
  const about = {
    claim: claim(),
    storageClass: storageClass(ofClass),
    parameters,
    monitors: parameters.monitors ?? [],
  }
  return volumeFor({ ...madeVolume, ...changes }, about, SETTINGS)
}

t.test('the PersistentVolume', async t => {
  const volume = make({ mounter: 'kernel', mountOptions: 'noexec' }, { mountOptions: ['noatime'] })
  t.doesNotThrow(() => validate(volume as never))
  t.match(volume, {
    metadata: {
      name: PV,
      annotations: { 'pv.kubernetes.io/provisioned-by': 'cephflex/cephfs' },
      finalizers: ['cephflex/volume'],
    },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'fast',
      claimRef: { namespace: 'apps', name: 'data', uid: UID },
      flexVolume: {
        driver: 'cephflex/cephfs',
        secretRef: { namespace: 'apps', name: 'ceph-kubernetes-dynamic-user-x-secret' },
        options: {
          path: madeVolume.path,
          user: madeVolume.user,
          mounter: 'kernel',
          mountOptions: 'noatime,noexec',
        },
      },
    },
  })
  t.notOk('mountOptions' in volume.spec, 'the API refuses them for FlexVolumes')
  t.notOk('fsType' in (volume.spec.flexVolume ?? {}), 'there is nothing to format')
  const options = { ...volume.spec.flexVolume?.options, 'kubernetes.io/secret/key': base64(KEY) }
  const parsed = parseVolumeOptions(JSON.stringify(options), DEFAULT_NODE_CONFIG)
  t.equal(parsed.path, madeVolume.path, 'the driver accepts it unchanged')
  t.ok(isVolumeOf(volume, claim()))
  t.notOk(isVolumeOf(volume, claim({}, { uid: 'other' })))
})

t.test('read-only and retained volumes', async t => {
  t.match(make({}, {}, { readOnly: true }).spec.flexVolume, {
    readOnly: true,
    options: { mountOptions: 'ro' },
  })
  t.equal(make({}, { reclaimPolicy: 'Retain' }).spec.persistentVolumeReclaimPolicy, 'Retain')
  const unsaid = storageClass()
  delete unsaid.reclaimPolicy
  t.equal(make({}, unsaid).spec.persistentVolumeReclaimPolicy, 'Delete', 'the default of Kubernetes')
})

t.test('the Secret', async t => {
  const settings = { ...SETTINGS, driver: 'example.com/ceph', secretNamespace: 'keys' }
  t.equal(secretRefOf(claim(), 'x_y', SETTINGS).namespace, 'apps', 'in the namespace of the claim')
  const place = secretRefOf(claim(), 'x_y', settings)
  t.strictSame(place, { namespace: 'keys', name: 'ceph-x-y-secret' })
  const names = { share: 'share', user: madeVolume.user, namespace: 'ns' }
  const secret = secretFor(madeVolume, new Secret(KEY), { ...place, names }, settings)
  t.match(secret, { type: 'example.com/ceph', metadata: { namespace: 'keys' }, data: { key: base64(KEY) } })
  t.doesNotThrow(() => validate(secret as never))
  t.ok(isSecretOf(secret, PV))
  t.notOk(isSecretOf(secret, 'pvc-other'))
  t.notOk(isSecretOf({ metadata: { name: 'x' } }, PV))
  const tenant = tenantFor('uid', { fsName: 'cephfs', claimRoot: '/volumes' }, undefined)
  const shared = secretFor(
    madeVolume,
    new Secret(KEY),
    { ...place, names: tenantVolumeNames(PV, tenant) },
    settings,
  )
  t.notOk(isSecretOf(shared, PV), 'that of a namespace belongs to no volume')
  t.ok(isSecretOf(shared, tenant.directory))
})
