import t from 'tap'
import { type ClaimFacts, decideClaim } from '../../../src/core/controller/decide-claim.js'
import type { ControllerSettings } from '../../../src/core/controller/settings.js'
import type { Claim } from '../../../src/core/kubernetes/objects.js'
import { boundClaim, claim, PV, persistentVolume, SETTINGS, storageClass } from '../../support/claims.js'

const decide = (facts: Partial<ClaimFacts> = {}, settings: Partial<ControllerSettings> = {}) =>
  decideClaim({ claim: claim(), storageClass: storageClass(), ...facts }, { ...SETTINGS, ...settings })

const HELD = { finalizers: ['kubernetes.io/pvc-protection', 'cephflex/making-volume'] }
const DELETED = { deletionTimestamp: '2026-01-01T00:00:00Z' }

t.test('a claim that waits', async t => {
  t.match(decide(), {
    do: 'provision',
    wanted: { pv: PV, sizeBytes: 2n ** 30n, readOnly: false, parameters: { adminSecretName: 'ceph-admin' } },
  })
  const newer = { annotations: { 'volume.kubernetes.io/storage-provisioner': 'cephflex/cephfs' } }
  t.match(decide({ claim: claim({}, newer) }), { do: 'provision' }, 'the annotation of newer Kubernetes')
  const notYet = claim({}, { annotations: {} })
  t.match(decide({ claim: notYet }), { do: 'nothing' }, 'no provisioner annotation yet')
  const bound = claim({ volumeName: 'other' })
  t.match(decide({ claim: bound }), { do: 'nothing' }, 'the claim names a volume itself')
  t.match(decide({ storageClass: undefined }), { do: 'nothing' }, 'its class is unknown')
  const foreign = { annotations: { 'volume.beta.kubernetes.io/storage-provisioner': 'ceph.com/cephfs' } }
  t.match(decide({ claim: claim({}, foreign) }), { do: 'nothing' }, 'it is for another provisioner')
  const taken = { claim: claim({}, foreign), storageClass: storageClass({ provisioner: 'ceph.com/cephfs' }) }
  const both = { provisioners: ['cephflex/cephfs', 'ceph.com/cephfs'] }
  t.match(decide(taken, both), { do: 'provision' }, 'a provisioner that this one replaces')
})

t.test('a class that waits for the first consumer', async t => {
  const late = storageClass({ volumeBindingMode: 'WaitForFirstConsumer' })
  t.match(decide({ storageClass: late }), { do: 'nothing' })
  const annotations = {
    'volume.beta.kubernetes.io/storage-provisioner': 'cephflex/cephfs',
    'volume.kubernetes.io/selected-node': 'node-1',
  }
  t.match(decide({ storageClass: late, claim: claim({}, { annotations }) }), { do: 'provision' })
})

t.test('access modes', async t => {
  const cases: [modes: string[], readOnly: boolean][] = [
    [['ReadWriteMany'], false],
    [['ReadWriteOnce'], false],
    [['ReadOnlyMany'], true],
    [['ReadOnlyMany', 'ReadWriteOnce'], false],
  ]
  for (const [accessModes, readOnly] of cases)
    t.match(decide({ claim: claim({ accessModes }) }), { do: 'provision', wanted: { readOnly } })
})

t.test('unsupported claims', async t => {
  const claims: [spec: Parameters<typeof claim>[0], message: RegExp][] = [
    [{ selector: {} }, /selector/],
    [{ volumeMode: 'Block' }, /volumeMode "Block"/],
    [{ accessModes: ['ReadWriteOncePod'] }, /access mode "ReadWriteOncePod"/],
    [{ dataSource: {} }, /snapshot/],
    [{ dataSourceRef: {} }, /snapshot/],
    [{ resources: {} }, /the size ""/],
    [{ resources: { requests: { storage: '0' } } }, /not greater than zero/],
  ]
  for (const [spec, message] of claims) {
    const decision = decide({ claim: claim(spec) })
    t.match(decision, { do: 'refuse', reason: 'ProvisioningFailed', error: { code: 'EBADVOLUME', message } })
  }
  const classes: [changes: Parameters<typeof storageClass>[0], message: RegExp][] = [
    [{ parameters: { clamRoot: '/x' } }, /clamRoot/],
    [{ allowedTopologies: [{}] }, /allowedTopologies/],
  ]
  for (const [changes, message] of classes)
    t.match(decide({ storageClass: storageClass(changes) }), { do: 'refuse', error: { message } })
  t.throws(
    () => decide({ claim: { metadata: {} } as never }),
    TypeError,
    'a defect is not reported as a refusal',
  )
})

t.test('the volume exists', async t => {
  const volume = persistentVolume()
  t.match(decide({ volume }), { do: 'nothing' }, 'Kubernetes will bind it')
  t.match(decide({ volume, claim: claim({}, HELD) }), { do: 'remove finalizer' })
  t.match(decide({ volume, claim: boundClaim('1Gi', HELD) }), { do: 'remove finalizer' })
  t.match(decide({ volume, claim: boundClaim() }), { do: 'nothing' })
  const foreign = persistentVolume({ metadata: { annotations: {} } })
  t.match(
    decide({ volume: foreign, claim: boundClaim('2Gi') }),
    { do: 'nothing' },
    'not created by this controller',
  )
  t.match(decide({ volume: foreign, claim: boundClaim('2Gi', HELD) }), { do: 'remove finalizer' })
  const elsewhere = claim({ volumeName: 'other' }, HELD, { phase: 'Bound' })
  t.match(
    decide({ volume: foreign, claim: elsewhere }),
    { do: 'undo', pv: PV },
    'the claim was bound to another volume',
  )
  const taken = persistentVolume({ spec: { claimRef: { uid: 'other' } } })
  t.match(
    decide({ volume: taken }),
    { do: 'refuse', error: { code: 'ENOTOURS' } },
    'another object has its name',
  )
})

t.test('deleted', async t => {
  t.match(decide({ claim: claim({}, DELETED) }), { do: 'nothing' }, 'nothing was started yet')
  const ending = claim({}, { ...HELD, ...DELETED })
  t.match(decide({ claim: ending }), { do: 'undo', pv: PV, parameters: { claimRoot: '/volumes/kubernetes' } })
  t.match(
    decide({ claim: ending, volume: persistentVolume() }),
    { do: 'remove finalizer' },
    'a bound volume is deleted by its own rules',
  )
  for (const gone of [undefined, storageClass({ provisioner: 'other/one' })])
    t.match(decide({ claim: ending, storageClass: gone }), {
      do: 'refuse',
      reason: 'ProvisioningCleanupFailed',
      error: { message: /StorageClass "fast"/, hint: /again/ },
    })
})

t.test('another size', async t => {
  const volume = persistentVolume()
  const grown = { volume, claim: boundClaim('2Gi') }
  t.match(decide(grown), { do: 'expand', pv: PV, sizeBytes: 2n ** 31n })
  const half = persistentVolume({ spec: { capacity: { storage: '2Gi' } } })
  t.match(
    decide({ ...grown, volume: half }),
    { do: 'expand' },
    'the controller ended before it updated the claim',
  )
  t.match(decide({ ...grown, storageClass: storageClass({ allowVolumeExpansion: false }) }), {
    do: 'refuse',
    reason: 'VolumeResizeFailed',
    error: { message: /does not allow/ },
  })
  t.match(decide({ volume: half, claim: boundClaim() }), {
    do: 'refuse',
    reason: 'VolumeResizeFailed',
    error: { code: 'ESHRINK' },
  })
  const showing = (status: Claim['status']): Claim => {
    const claim = boundClaim('2Gi')
    return { ...claim, status: { ...claim.status, capacity: { storage: '2Gi' }, ...status } }
  }
  const done = (status: Claim['status']) => decide({ volume: half, claim: showing(status) }).do
  t.equal(done({}), 'nothing')
  t.equal(done({ conditions: [{ type: 'Resizing' }] }), 'finish expansion')
  t.equal(done({ conditions: [{ type: 'ModifyingVolume' }] }), 'nothing', 'a condition of something else')
  t.equal(done({ allocatedResourceStatuses: { storage: 'NodeResizePending' } }), 'finish expansion')
  t.equal(done({ allocatedResources: { storage: '1Gi' } }), 'finish expansion', 'of the expansion before')
  t.equal(done({ allocatedResources: { storage: '2048Mi' } }), 'nothing', 'what external-resizer leaves')
  const lost = { ...boundClaim('2Gi'), status: { phase: 'Lost' } }
  t.match(decide({ volume, claim: lost }), { do: 'nothing' })
})
