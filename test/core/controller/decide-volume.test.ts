import t from 'tap'
import { decideVolume } from '../../../src/core/controller/decide-volume.js'
import { persistentVolume, SETTINGS } from '../../support/claims.js'

const decide = (changes: Parameters<typeof persistentVolume>[0]) =>
  decideVolume(persistentVolume(changes), SETTINGS)

const DELETED = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const RETAIN = { persistentVolumeReclaimPolicy: 'Retain' }

t.test('a volume is deleted with its claim', async t => {
  for (const phase of ['Released', 'Failed'])
    t.match(decide({ phase }), { do: 'delete', parameters: { adminSecretName: 'ceph-admin' } }, phase)
  for (const phase of ['Bound', 'Available', 'Pending']) t.match(decide({ phase }), { do: 'nothing' }, phase)
  t.match(decide({ phase: 'Bound', metadata: DELETED }), { do: 'nothing' }, 'it is still in use')
  t.match(
    decide({ phase: 'Released', metadata: DELETED }),
    { do: 'delete' },
    'the finalizer keeps it until then',
  )
})

t.test('it stays', async t => {
  t.match(decide({ phase: 'Released', spec: RETAIN }), { do: 'nothing' })
  t.match(
    decide({ phase: 'Released', spec: RETAIN, metadata: DELETED }),
    { do: 'remove finalizer' },
    'without its data',
  )
  const free = { ...DELETED, finalizers: [] }
  t.match(decide({ phase: 'Released', metadata: free }), { do: 'nothing' }, 'too late: it had no finalizer')
  const other = { annotations: { 'pv.kubernetes.io/provisioned-by': 'other/one' } }
  t.match(decide({ phase: 'Released', metadata: other }), { do: 'nothing' }, "another provisioner's")
})

t.test('a volume without the place of its data is not deleted', async t => {
  const by = { 'pv.kubernetes.io/provisioned-by': 'cephflex/cephfs' }
  const notes = [
    {},
    { 'cephflex/parameters': '{' },
    { 'cephflex/parameters': '[]' },
    { 'cephflex/parameters': '{"x":"y"}' },
  ]
  for (const note of notes)
    t.match(
      decide({ phase: 'Released', metadata: { annotations: { ...by, ...note } } }),
      { do: 'refuse', reason: 'VolumeFailedDelete', error: { code: 'EBADVOLUME' } },
      JSON.stringify(note),
    )
})
