import t from 'tap'
import { parseVolumeFile } from '../../../src/core/volume/volume-file.js'
import { base64, KEY } from '../../support/volumes.js'

const PV = `
apiVersion: v1
kind: PersistentVolume
metadata: { name: web-data }
spec:
  flexVolume:
    driver: cephflex/cephfs
    readOnly: true
    secretRef: { name: ceph-web }
    options: { monitors: "10.0.0.1", path: /web }
`
const SECRET = `
---
kind: Secret
metadata: { name: other }
data: { key: bm8= }
---
kind: Secret
metadata: { name: ceph-web }
stringData: { key: ${KEY} }
`
const POD = {
  kind: 'Pod',
  spec: {
    volumes: [
      { name: 'tmp', emptyDir: {} },
      { name: 'a', flexVolume: { options: { path: '/a' } } },
      { name: 'b', flexVolume: { options: { path: '/b' } } },
    ],
  },
}

t.test('a PersistentVolume', async t => {
  t.strictSame(parseVolumeFile(PV), {
    options: {
      'kubernetes.io/pvOrVolumeName': 'web-data',
      'kubernetes.io/readwrite': 'ro',
      monitors: '10.0.0.1',
      path: '/web',
    },
    secretName: 'ceph-web',
  })
  t.equal(
    parseVolumeFile(PV + SECRET).options['kubernetes.io/secret/key'],
    base64(KEY),
    'with its own Secret',
  )
})

t.test('a pod', async t => {
  t.match(parseVolumeFile(JSON.stringify(POD), 'b').options, { path: '/b', 'kubernetes.io/readwrite': 'rw' })
  t.throws(() => parseVolumeFile(JSON.stringify(POD)), {
    code: 'EBADREQUEST',
    message: /2 volumes: a, b/,
    hint: /--volume/,
  })
  t.throws(() => parseVolumeFile(JSON.stringify(POD), 'c'), { code: 'EBADREQUEST', message: /"c"/ })
  const workload = { kind: 'Deployment', spec: { template: POD } }
  t.match(parseVolumeFile(JSON.stringify(workload), 'a').options, { path: '/a' }, 'also of a Deployment')
  const list = { kind: 'List', items: [POD] }
  t.match(
    parseVolumeFile(JSON.stringify(list), 'a').options,
    { path: '/a' },
    'also of a list, as kubectl prints it',
  )
})

t.test("the kubelet's own JSON", async t => {
  t.strictSame(parseVolumeFile('{"monitors":"10.0.0.1"}'), { options: { monitors: '10.0.0.1' } })
})

t.test("a volume of Kubernetes' own plugin", async t => {
  const cephfs = { monitors: ['10.0.0.1:6789'] }
  for (const spec of [{ cephfs }, { volumes: [{ name: 'data', cephfs }] }])
    t.throws(() => parseVolumeFile(JSON.stringify({ kind: 'Any', spec })), {
      code: 'EBADREQUEST',
      message: /only with cephfs/,
      hint: /import --to-flex/,
    })
})

t.test('anything else', async t => {
  for (const text of ['', '[]', 'kind: Pod', '{', 'a: b: c', `- ${KEY}`, `key: "${KEY}`]) {
    t.throws(() => parseVolumeFile(text), { code: 'EBADREQUEST' }, JSON.stringify(text.slice(0, 12)))
    try {
      parseVolumeFile(text)
    } catch (error) {
      t.notMatch(String(error), KEY, 'is not quoted')
    }
  }
})
