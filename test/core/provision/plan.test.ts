import t from 'tap'
import { buildCaps } from '../../../src/core/provision/caps/caps.js'
import { readClusterFacts } from '../../../src/core/provision/cluster-facts.js'
import { type Marker, parseMarker, writeMarker } from '../../../src/core/provision/marker.js'
import { volumeNames } from '../../../src/core/provision/names.js'
import { planDeleteVolume, planExpandVolume } from '../../../src/core/provision/plan-change.js'
import { planCreateVolume } from '../../../src/core/provision/plan-create.js'
import { describeStep } from '../../../src/core/provision/steps.js'
import type {
  ClusterInfo,
  DirectoryState,
  VolumeFacts,
  VolumeRequest,
} from '../../../src/core/provision/volume.js'

const SIZE = 8n * 1024n ** 2n
const PV = 'web'
const NOW = '2026-01-02T03:04:05.678Z'
const names = volumeNames(PV, 'directory')
const CLUSTER: ClusterInfo = {
  fsName: 'cephfs',
  dataPools: ['data', 'ssd'],
  ranks: [0],
  backend: 'directory',
  claimRoot: '/volumes/kubernetes',
  knowsFsName: true,
}
const REQUEST: VolumeRequest = { pv: PV, names, sizeBytes: SIZE, readOnly: false, mode: 0o777 }
const MARKER: Marker = {
  version: 1,
  pv: PV,
  user: names.user,
  backend: 'directory',
  namespace: names.namespace,
  pool: 'data',
  readOnly: false,
  createdAt: NOW,
}
const path = `/volumes/kubernetes/${names.share}`
const CAPS = buildCaps({ path, readOnly: false, pool: 'data', namespace: names.namespace, fsName: 'cephfs' })
const MISSING: DirectoryState = { kind: 'missing' }
const FOREIGN: DirectoryState = { kind: 'foreign' }
const ours = (changes: Partial<Marker> = {}, sizeBytes = SIZE): DirectoryState => ({
  kind: 'ours',
  marker: { ...MARKER, ...changes },
  sizeBytes,
})
const facts = (changes: Partial<VolumeFacts> = {}): VolumeFacts => ({
  cluster: CLUSTER,
  hasRoot: true,
  volume: MISSING,
  staging: MISSING,
  trash: MISSING,
  dataPath: path,
  user: { kind: 'missing' },
  ...changes,
})
const create = (changes: Partial<VolumeFacts> = {}, request: Partial<VolumeRequest> = {}) =>
  planCreateVolume({ ...REQUEST, ...request }, facts(changes), NOW)
const remove = (changes: Partial<VolumeFacts> = {}, onDelete: 'delete' | 'archive' | 'retain' = 'delete') =>
  planDeleteVolume({ pv: PV, names, onDelete, now: NOW }, facts(changes)).steps
const verbs = (steps: readonly { do: string }[]) => steps.map(step => step.do)
const present = (caps = CAPS): VolumeFacts['user'] => ({ kind: 'present', caps })
const SUBVOLUME = { ...CLUSTER, backend: 'subvolume' } as const

t.test('create a directory', async t => {
  const { steps, again } = create()
  t.equal(again, false)
  t.strictSame(verbs(steps), [
    'make parents',
    'make directory',
    'set attribute',
    'set attribute',
    'set attribute',
    'set attribute',
    'set mode',
    'rename',
    'add user',
  ])
  t.match(steps.at(-1), { caps: CAPS }, 'the user is created last, with narrow caps')
  t.ok(
    steps.slice(1, -2).every(step => 'path' in step && step.path === `.cephflex_new_${names.share}`),
    'the directory gets its final name only when it is complete',
  )
  t.match(
    steps[2],
    { name: 'user.cephflex.volume', value: writeMarker(MARKER) },
    'the directory has a marker',
  )
  t.strictSame(
    verbs(create({ staging: FOREIGN }).steps).slice(0, 3),
    ['make parents', 'remove directory', 'make directory'],
    'after a kill',
  )
  t.strictSame(verbs(create({ volume: ours() }).steps), ['add user'], 'only the missing user is created')
  t.strictSame(create({ volume: ours(), user: present() }).steps, [], 'nothing to do')
  t.match(create({}, { pool: 'ssd' }).steps[3], { value: 'ssd' })
  t.match(create({ cluster: { ...CLUSTER, knowsFsName: false } }).steps.at(-1), {
    caps: { mds: `allow rw path="${path}"` },
  })
  t.match(create({}, { readOnly: true }).steps.at(-1), {
    caps: { mds: /^allow r fsname/, osd: /^allow r pool/ },
  })
})

t.test('claimRoot is created first, since a volume inherits its layout', async t => {
  t.strictSame(create({ hasRoot: false }), { steps: [{ do: 'make parents', path: '' }], again: true })
  const group = { vol_name: 'cephfs', group_name: 'kubernetes' }
  t.strictSame(create({ hasRoot: false, cluster: SUBVOLUME }), {
    steps: [{ do: 'mgr', command: { prefix: 'fs subvolumegroup create', ...group } }],
    again: true,
  })
  t.throws(() => create({ hasRoot: false }, { pool: 'none' }), { code: 'EBADVOLUME' }, 'a bad pool: nothing')
  const inherited = { pool: 'ssd', namespace: 'other' }
  t.match(create({ inherited }).steps[3], { value: 'ssd' })
  t.match(create({ inherited }, { pool: 'data' }).steps[3], { value: 'data' }, 'a given pool')
})

t.test('volumes and users that cephflex did not create are left alone', async t => {
  t.throws(() => create({ volume: FOREIGN }), { code: 'ENOTOURS', message: new RegExp(path) })
  t.throws(() => create({ user: present() }), { code: 'ENOTOURS' }, 'even with the same caps')
  t.throws(() => create({ volume: ours(), user: present({ ...CAPS, mon: 'allow *' }) }), { code: 'ENOTOURS' })
  t.throws(() => create({ volume: ours({ pv: 'other' }) }), { code: 'ENOTOURS', message: /"other"/ })
  t.throws(() => create({ volume: ours({ kept: 'retain' }) }), { code: 'ENOTOURS', message: /kept/ })
  t.throws(() => create({ volume: ours({}, 1n) }), { code: 'ENOTOURS', message: /1 bytes, not 8388608/ })
  t.throws(() => create({ volume: ours({ readOnly: true }) }), { code: 'ENOTOURS' })
  t.throws(() => create({}, { pool: 'none' }), { code: 'EBADVOLUME', message: /data, ssd/ })
  t.throws(
    () => create({ cluster: { ...CLUSTER, claimRoot: '/ä' } }),
    { code: 'EBADVOLUME' },
    'refused before anything is created',
  )
})

t.test('create a subvolume', async t => {
  const cluster = SUBVOLUME
  const first = create({ cluster })
  t.equal(first.again, true, 'its path is unknown before it exists')
  t.match(first.steps, [
    { do: 'set attribute', path: '' },
    {
      command: {
        prefix: 'fs subvolume create',
        sub_name: names.share,
        namespace_isolated: true,
        size: '8388608',
      },
    },
    { do: 'set attribute', path: names.share },
    { do: 'remove attribute', path: '' },
  ])
  const intended = { ...MARKER, backend: 'subvolume' } as const
  t.strictSame(
    verbs(create({ cluster, intended }).steps),
    ['mgr', 'set attribute', 'remove attribute'],
    'killed before the subvolume was created',
  )
  t.strictSame(
    verbs(create({ cluster, intended, volume: FOREIGN }).steps),
    ['set attribute', 'remove attribute'],
    'killed after',
  )
  t.strictSame(
    verbs(create({ cluster, intended, volume: ours() }).steps),
    ['remove attribute', 'add user'],
    'and later',
  )
  t.throws(() => create({ cluster, volume: FOREIGN }), { code: 'ENOTOURS' })
  t.throws(() => create({ cluster, volume: FOREIGN, intended: { ...intended, pv: 'other' } }), {
    code: 'ENOTOURS',
  })
})

t.test('delete', async t => {
  t.strictSame(remove(), [], 'gone already')
  t.strictSame(verbs(remove({ volume: ours(), user: present() })), ['remove user', 'rename', 'purge'])
  t.strictSame(verbs(remove({ volume: ours() })), ['rename', 'purge'], 'killed after the user was removed')
  t.strictSame(verbs(remove({ trash: ours() })), ['purge'], 'killed during the purge')
  t.strictSame(
    verbs(remove({ volume: ours(), trash: ours() })),
    ['purge', 'rename', 'purge'],
    'an older one is purged first',
  )
  t.strictSame(verbs(remove({ user: present() })), ['remove user'], 'its directory was removed by hand')
  t.strictSame(verbs(remove({ staging: FOREIGN })), ['remove directory'], 'its creation was never completed')
  t.strictSame(verbs(remove({ cluster: SUBVOLUME, volume: ours(), user: present() })), ['remove user', 'mgr'])
  t.strictSame(
    remove({ volume: ours({ pv: 'next' }), user: present() }),
    [],
    'its path was reused: the new volume is left alone',
  )
  t.strictSame(remove({ volume: ours({ kept: 'retain' }) }), [])
  t.throws(() => remove({ volume: FOREIGN }), { code: 'ENOTOURS' })
  t.throws(() => remove({ trash: FOREIGN }), { code: 'ENOTOURS' })
  t.throws(() => remove({ volume: ours(), user: present({ ...CAPS, mds: 'allow rw' }) }), {
    code: 'ENOTOURS',
  })
  t.throws(() => remove({ user: present({ ...CAPS, mds: 'allow rw' }) }), { code: 'ENOTOURS' })
})

t.test('delete a volume, but keep its data', async t => {
  const archive = remove({ volume: ours(), user: present() }, 'archive')
  t.match(archive, [
    { do: 'remove user' },
    { value: /"kept":"archive"/ },
    { do: 'rename', to: `archived_20260102T030405_${names.share}` },
  ])
  t.strictSame(verbs(remove({ volume: ours(), user: present() }, 'retain')), ['remove user', 'set attribute'])
  t.match(remove({ cluster: SUBVOLUME, volume: ours() }, 'archive'), [
    { do: 'set attribute' },
    { do: 'remove file', path: `${names.share}/.meta` },
    { do: 'rename', to: `archived_20260102T030405_${names.share}` },
  ])
  t.strictSame(
    verbs(remove({ volume: ours({ kept: 'archive' }) })),
    ['rename'],
    'killed before it was renamed',
  )
  for (const kept of ['archive', 'retain'] as const)
    t.strictSame(
      verbs(remove({ volume: ours({ kept }), user: present() })),
      ['remove user', 'rename', 'purge'],
      'a pod wrote that it is kept: its user still exists',
    )
  t.strictSame(remove({ volume: ours({ kept: 'retain' }) }), [], 'done')
})

t.test('snapshots', async t => {
  const snapshots = [`${names.share}/a/.snap/x`]
  t.throws(() => remove({ volume: ours(), user: present(), snapshots }), {
    code: 'ESNAPSHOTS',
    message: new RegExp(`${path}/a/\\.snap/x$`),
  })
})

t.test('expand', async t => {
  const expand = (bytes: bigint, changes: Partial<VolumeFacts>) =>
    planExpandVolume(PV, names.share, bytes, facts(changes)).steps
  t.match(expand(2n * SIZE, { volume: ours() }), [{ name: 'ceph.quota.max_bytes', value: '16777216' }])
  t.match(expand(2n * SIZE - 1n, { volume: ours(), cluster: SUBVOLUME }), [
    { command: { prefix: 'fs subvolume resize', new_size: '16777216', no_shrink: true } },
  ])
  t.strictSame(expand(SIZE, { volume: ours() }), [], 'it already has this size')
  t.strictSame(expand(SIZE - 1n, { volume: ours() }), [], 'rounded up')
  t.strictSame(expand(4096n, { volume: ours({}, 4096n) }), [], 'as an older version created it')
  t.throws(() => expand(1n, { volume: ours() }), { code: 'ESHRINK' })
  t.throws(() => expand(2n * SIZE, {}), { code: 'ENOVOLUME' })
  t.throws(() => expand(2n * SIZE, { volume: FOREIGN }), { code: 'ENOTOURS' })
  t.throws(() => expand(2n * SIZE, { volume: ours({ pv: 'other' }) }), { code: 'ENOTOURS' })
})

t.test('steps as text', async t => {
  const all = [
    ...create().steps,
    ...create({ cluster: SUBVOLUME }).steps,
    ...remove({ volume: ours(), user: present() }),
    ...remove({ staging: FOREIGN }),
  ]
  for (const step of all)
    t.match(describeStep(step, '/volumes/kubernetes'), /^(mkdir|setfattr|chmod|mv|rmdir|remove|ceph) /)
})

t.test('marks', async t => {
  t.strictSame(parseMarker(writeMarker(MARKER)), MARKER)
  for (const text of [undefined, '', 'x', 'null', '{}', '{"version":2}', '[]'])
    t.equal(parseMarker(text), undefined)
})

t.test('the cluster', async t => {
  const version = (text: string) => ({ [`ceph version ${text} (abc) pacific (stable)`]: 1 })
  const answers = {
    dump: {
      default_fscid: 2,
      filesystems: [
        { id: 1, mdsmap: { fs_name: 'a', in: [0] } },
        { id: 2, mdsmap: { fs_name: 'b', in: [0, 1] } },
      ],
    },
    ls: [
      { name: 'a', data_pools: ['x'] },
      { name: 'b', data_pools: ['y', 'z'] },
    ],
    versions: { mon: version('16.2.15'), mds: version('16.2.15') },
    hasManager: true,
  }
  const wanted = { backend: 'auto', claimRoot: '/volumes/kubernetes' } as const
  t.strictSame(readClusterFacts(wanted, answers), {
    fsName: 'b',
    dataPools: ['y', 'z'],
    ranks: [0, 1],
    backend: 'subvolume',
    claimRoot: '/volumes/kubernetes',
    knowsFsName: true,
  })
  t.match(readClusterFacts({ ...wanted, fsName: 'a' }, answers), { fsName: 'a', dataPools: ['x'] })
  t.match(readClusterFacts({ ...wanted, claimRoot: '/k8s' }, answers), { backend: 'directory' })
  t.match(readClusterFacts(wanted, { ...answers, hasManager: false }), { backend: 'directory' })
  t.match(readClusterFacts({ ...wanted, backend: 'directory' }, answers), { backend: 'directory' })
  const mixed = { mon: version('16.2.15'), mds: { ...version('16.2.15'), ...version('14.2.21') } }
  t.match(
    readClusterFacts(wanted, { ...answers, versions: mixed }),
    { knowsFsName: false },
    'one old MDS is enough',
  )
  t.match(readClusterFacts(wanted, { ...answers, versions: {} }), { knowsFsName: false })
  t.throws(() => readClusterFacts({ ...wanted, fsName: 'c' }, answers), { code: 'ENOFS', message: /a, b/ })
  t.throws(() => readClusterFacts(wanted, { ...answers, dump: {} }), { code: 'ENOFS' })
  t.throws(() => readClusterFacts({ ...wanted, backend: 'subvolume' }, { ...answers, hasManager: false }), {
    code: 'EPROVISION',
  })
  t.throws(() => readClusterFacts({ ...wanted, backend: 'subvolume', claimRoot: '/x' }, answers), {
    code: 'EBADVOLUME',
  })
})
