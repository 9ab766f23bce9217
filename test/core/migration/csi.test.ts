import t from 'tap'
import { CSI_DRIVER, csiNotes, csiSecret, csiSourceOf, csiVolume } from '../../../src/core/migration/csi.js'
import { parseVolumeObjects } from '../../../src/core/migration/pv-file.js'
import { Secret } from '../../../src/core/secret.js'
import { typeProblems, validate } from '../../support/kubernetes.js'
import { KEY } from '../../support/volumes.js'

const OPTIONS = { driver: CSI_DRIVER, clusterId: 'ba68226a', secretNamespace: 'ceph-csi' }

const PV = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'data' },
  spec: {
    capacity: { storage: '5Gi' },
    accessModes: ['ReadOnlyMany'],
    claimRef: { namespace: 'apps', name: 'web', uid: '1', resourceVersion: '2' },
    flexVolume: {
      driver: 'cephflex/cephfs',
      readOnly: true,
      secretRef: { name: 's' },
      options: {
        monitors: '10.0.0.1',
        path: '/volumes/web/',
        user: 'client.web',
        fsName: 'second',
        mounter: 'kernel',
        mountOptions: 'noatime,noexec',
        kernelOptions: 'rasize=1',
        msMode: 'secure',
        fuseOptions: 'client_oc_size=1',
      },
    },
  },
}
const [source] = parseVolumeObjects(JSON.stringify(PV)).volumes
if (!source) throw new Error('no volume')
const own = csiSourceOf({
  pv: 'pvc-1',
  path: '/volumes/kubernetes/a',
  user: 'u_1',
  sizeBytes: 8n * 2n ** 20n,
  readOnly: false,
  backend: 'directory',
  fsName: 'cephfs',
  pool: 'data',
  namespace: 'n',
  createdAt: '',
})

t.strictSame(csiVolume(source, OPTIONS).spec, {
  capacity: { storage: '5Gi' },
  accessModes: ['ReadOnlyMany'],
  persistentVolumeReclaimPolicy: 'Retain',
  storageClassName: '',
  volumeMode: 'Filesystem',
  mountOptions: ['noatime', 'noexec'],
  claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'web', namespace: 'apps' },
  csi: {
    driver: 'cephfs.csi.ceph.com',
    volumeHandle: 'cephflex-data',
    readOnly: true,
    nodeStageSecretRef: { name: 'csi-ceph-web-secret', namespace: 'ceph-csi' },
    volumeAttributes: {
      clusterID: 'ba68226a',
      fsName: 'second',
      staticVolume: 'true',
      rootPath: '/volumes/web',
      mounter: 'kernel',
      kernelMountOptions: 'rasize=1,ms_mode=secure',
    },
  },
})
t.match(csiVolume(own, OPTIONS), {
  metadata: { name: 'pvc-1-csi' },
  spec: {
    capacity: { storage: '8Mi' },
    accessModes: ['ReadWriteMany'],
    csi: { volumeAttributes: { rootPath: '/volumes/kubernetes/a', fsName: 'cephfs' } },
  },
})
t.notOk('claimRef' in csiVolume(own, OPTIONS).spec, 'there is no claim to refer to')
t.notOk('mounter' in csiVolume(own, OPTIONS).spec.csi.volumeAttributes, 'ceph-csi chooses the client itself')

t.test('the objects match the schema of Kubernetes', async t => {
  const objects = [
    csiVolume(source, OPTIONS),
    csiVolume(own, OPTIONS),
    csiSecret(own, OPTIONS),
    csiSecret(own, OPTIONS, new Secret(KEY)),
  ]
  for (const object of objects) t.doesNotThrow(() => validate(object))
  t.equal(await typeProblems(t.testdir(), objects), '', 'no unknown field at any depth')
})

t.strictSame(csiSecret(own, OPTIONS, new Secret(KEY)).stringData, { userID: 'u_1', userKey: KEY })
t.notMatch(JSON.stringify(csiSecret(own, OPTIONS)), KEY)
t.match(csiNotes(source, OPTIONS), [/fuseOptions, which ceph-csi cannot set/])
t.strictSame(csiNotes(own, OPTIONS), [])
t.match(csiNotes({ ...own, fsName: undefined, storage: undefined }, OPTIONS), [/file system/, /has no size/])
t.strictSame(csiNotes({ ...own, fsName: undefined }, { ...OPTIONS, fsName: 'x' }), [])
