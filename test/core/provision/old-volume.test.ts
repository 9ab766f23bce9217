import t from 'tap'
import { parseVolumeObjects } from '../../../src/core/migration/pv-file.js'
import { takeOverCommands } from '../../../src/core/migration/take-over.js'
import { buildCaps } from '../../../src/core/provision/caps/caps.js'
import { metaFile, oldCapsProblem, readsEverything, shareOf } from '../../../src/core/provision/old-volume.js'

const path = '/volumes/kubernetes/kubernetes/kubernetes-dynamic-pvc-1'
const PLACE = { path, pool: 'data', namespace: 'ns' }
const OLD = { mds: `allow r,allow rw path=${path}`, osd: 'allow rw pool=data namespace=ns', mon: 'allow r' }

t.test('caps that cover one volume only', async t => {
  t.equal(oldCapsProblem(OLD, PLACE), undefined)
  // the old provisioner did not keep the order when it changed caps
  t.equal(oldCapsProblem({ ...OLD, mds: `allow rw path=${path},allow r` }, PLACE), undefined)
  t.equal(
    oldCapsProblem({ ...OLD, mds: `allow r path="${path}"`, osd: 'allow r pool=data namespace=ns' }, PLACE),
    undefined,
  )
  t.equal(
    oldCapsProblem(buildCaps({ ...PLACE, readOnly: false, fsName: 'cephfs' }), PLACE),
    undefined,
    'repaired',
  )
  t.equal(oldCapsProblem({ ...OLD, osd: 'allow rw pool=data' }, { ...PLACE, namespace: '' }), undefined)
})

t.test('caps that cover more, with the reason', async t => {
  const problems: [changes: object, reason: RegExp][] = [
    [{ mds: `allow r,allow rw path=${path}2` }, /also cover .*pvc-12/],
    [{ mds: `allow rw path=${path},allow rw` }, /also cover everything/],
    [{ mds: 'allow rw path=/volumes/kubernetes' }, /also cover \/volumes\/kubernetes:/],
    [{ mds: `allow rw path=${path} x` }, /cannot parse/],
    [{ mds: 'allow r' }, /do not name/],
    [{ osd: 'allow rw pool=data' }, /not limited to the data of the directory/],
    [{ osd: 'allow rw pool=data namespace=ns, allow rw pool=other' }, /not limited to the data/],
    [{ osd: 'allow rwx pool=data namespace=ns' }, /not limited to the data/],
    [{ osd: 'allow rw tag cephfs data=cephfs' }, /not limited to the data/],
    [{ mon: 'allow *' }, /mon caps/],
    [{ mgr: 'allow *' }, /also has mgr caps/],
  ]
  for (const [changes, reason] of problems) t.match(oldCapsProblem({ ...OLD, ...changes }, PLACE), reason)
  t.match(oldCapsProblem({ mon: 'allow r', osd: OLD.osd }, PLACE), /no mds caps/)
})

t.equal(readsEverything(OLD), true)
t.equal(readsEverything({ mds: `allow rw path=${path}` }), false)
t.strictSame(shareOf(path, '/volumes/kubernetes'), { share: 'kubernetes/kubernetes-dynamic-pvc-1' })
t.match(shareOf('/volumes/kubernetes2/x', '/volumes/kubernetes'), { problem: /not below/ })
t.match(shareOf('/volumes/kubernetes', '/volumes/kubernetes'), { problem: /not below/ })
t.match(shareOf('/volumes/kubernetes/a/b/c', '/volumes/kubernetes'), { problem: /two directories/ })
t.match(shareOf('/volumes/kubernetes/.cephflex_trash_a', '/volumes/kubernetes'), { problem: /a name that/ })
t.equal(metaFile('kubernetes/a'), '_kubernetes:a.meta')
t.equal(metaFile('a'), undefined, 'outside the volume root')

t.test('objects', async t => {
  const yaml = `
kind: List
items:
- kind: PersistentVolume
  metadata: { name: a }
  spec:
    storageClassName: fast
    claimRef: { namespace: apps, name: x }
    cephfs: { path: /a/, user: client.u, monitors: ['1.2.3.4:6789', '1.2.3.5'], secretRef: { name: s } }
- kind: PersistentVolume
  metadata: { name: b }
  spec: { nfs: {} }
- kind: StorageClass
  metadata: { name: fast }
  parameters: { monitors: m }
`
  const { volumes, classes } = parseVolumeObjects(yaml)
  t.match(volumes, [
    {
      name: 'a',
      path: '/a',
      user: 'u',
      monitors: '1.2.3.4:6789,1.2.3.5',
      secret: { name: 's', namespace: 'apps' },
    },
  ])
  t.equal(volumes.length, 1)
  t.strictSame(classes.get('fast'), { monitors: 'm' })
  t.throws(() => parseVolumeObjects('kind: Pod'), { code: 'EBADREQUEST' })
  t.throws(() => parseVolumeObjects('a: [b'), { code: 'EBADREQUEST', message: /line 1/ })
  const [volume] = volumes
  if (!volume) return
  t.strictSame(takeOverCommands(volume, { monitors: "it's" }), [
    `kubectl annotate --overwrite pv a pv.kubernetes.io/provisioned-by='ceph.com/cephfs' cephflex/parameters='{"monitors":"it'\\''s"}'`,
    'kubectl annotate --overwrite secret -n apps s cephflex/volume=a',
  ])
})
