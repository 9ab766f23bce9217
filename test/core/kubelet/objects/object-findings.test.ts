import t from 'tap'
import type { ObjectFinding } from '../../../../src/core/kubelet/objects/finding.js'
import { secretManifest, volumeManifest } from '../../../../src/core/provision/kubernetes.js'
import type { Volume } from '../../../../src/core/provision/volume.js'
import { Secret } from '../../../../src/core/secret.js'
import { findingsInVolumeFile, parseVolumeFile } from '../../../../src/core/volume/volume-file.js'
import { base64, KEY } from '../../../support/volumes.js'

type Json = Record<string, unknown>

const OURS = 'cephflex/cephfs'
const flexVolume = { driver: OURS, secretRef: { name: 's' }, options: { monitors: '10.0.0.1', path: '/web' } }
const volumeSpec = {
  capacity: { storage: '1Gi' },
  accessModes: ['ReadWriteMany'],
  storageClassName: '',
  flexVolume,
}
const pv = { kind: 'PersistentVolume', metadata: { name: 'web' }, spec: volumeSpec }
const secret = { kind: 'Secret', metadata: { name: 's' }, type: OURS, data: { key: base64(KEY) } }
const claimSpec = {
  storageClassName: '',
  volumeName: 'web',
  accessModes: ['ReadWriteMany'],
  resources: { requests: { storage: '1Gi' } },
}
const claim = { kind: 'PersistentVolumeClaim', metadata: { name: 'web', namespace: 'shop' }, spec: claimSpec }
const podSpec = {
  containers: [{ name: 'web', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
  volumes: [{ name: 'data', flexVolume }],
}
const pod = { kind: 'Pod', metadata: { name: 'web', namespace: 'shop' }, spec: podSpec }

const withSpec = (spec: Json): Json => ({ ...pv, spec: { ...volumeSpec, ...spec } })
const withFlex = (flex: Json) => withSpec({ flexVolume: { ...flexVolume, ...flex } })
const withClaim = (spec: Json): Json => ({ ...claim, spec: { ...claimSpec, ...spec } })
const podWithFlex = (flex: Json): Json => ({
  ...pod,
  spec: { ...podSpec, volumes: [{ name: 'data', flexVolume: { ...flexVolume, ...flex } }] },
})
const inNamespace = (namespace: string, object: Json) => ({
  ...object,
  metadata: { ...(object['metadata'] as Json), namespace },
})

const findings = (objects: readonly Json[], installed: string[] = []): ObjectFinding[] => {
  const text = objects.map(object => JSON.stringify(object)).join('\n---\n')
  return (
    findingsInVolumeFile(text, undefined, OURS, name =>
      installed.includes(name) ? `/x/${name}` : undefined,
    ) ?? []
  )
}

const createdObjects = () => {
  const volume: Volume = {
    pv: 'web',
    backend: 'directory',
    fsName: 'cephfs',
    path: '/web',
    user: 'web',
    pool: 'cephfs_data',
    namespace: 'web',
    sizeBytes: 1n << 30n,
    readOnly: false,
    createdAt: '',
  }
  return [
    volumeManifest(volume, { monitors: '10.0.0.1' }, 'ceph'),
    secretManifest(volume, new Secret(KEY), 'ceph'),
  ]
}

t.test('objects that the kubelet accepts', async t => {
  t.strictSame(findings([pv, secret]), [])
  t.strictSame(findings([pv]), [], 'a Secret that is not in the file may be anywhere')
  t.strictSame(findings([pv, secret, claim]), [])
  t.strictSame(findings([inNamespace('shop', secret), pv, claim]), [], 'the Secret is with the pod')
  t.strictSame(findings([pod, inNamespace('shop', secret)]), [])
  t.strictSame(
    findings([withFlex({ secretRef: { name: 's', namespace: 'ceph' } }), inNamespace('ceph', secret), claim]),
    [],
  )
  t.strictSame(findings([withFlex({ secretRef: undefined, options: { secretFile: '/k' } })]), [])
  t.strictSame(findings(createdObjects()), [], 'what "volume show --kubernetes" prints')
  t.strictSame(
    findingsInVolumeFile('{"monitors":"10.0.0.1"}', undefined, OURS, () => undefined),
    undefined,
  )
})

t.test('objects that it refuses, in its words', async t => {
  const refused: readonly [words: RegExp, objects: readonly Json[]][] = [
    [/spec.mountOptions: mount options are not supported/, [withSpec({ mountOptions: ['noatime'] }), secret]],
    [
      /mount options are not supported/,
      [
        {
          ...pv,
          metadata: { name: 'web', annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } },
        },
      ],
    ],
    [
      /cannot get secret of type cephflex\/cephfs; its type is "Opaque"/,
      [pv, { ...secret, type: undefined }],
    ],
    [/cannot get secret of type/, [pod, inNamespace('shop', { ...secret, type: 'kubernetes.io/rbd' })]],
    [
      /calls the driver "ceph.rook.io\/rook".*no volume plugin matched/,
      [withFlex({ driver: 'ceph.rook.io/rook' })],
    ],
    [/flexVolume.driver: Required value/, [withFlex({ driver: undefined })]],
    [/flexVolume.driver: Required value/, [podWithFlex({ driver: '' })]],
    [/secrets "s" not found; the file contains "other"/, [pv, { ...secret, metadata: { name: 'other' } }]],
    [/couldn't get secret shop\/s.* in the namespace "ceph"/, [pv, claim, inNamespace('ceph', secret)]],
    [/couldn't get secret shop\/s.* in the namespace "ceph"/, [pod, inNamespace('ceph', secret)]],
    [
      /couldn't get secret a\/s/,
      [withFlex({ secretRef: { name: 's', namespace: 'a' } }), inNamespace('b', secret)],
    ],
    [
      /unknown field secretRef.namespace/,
      [podWithFlex({ secretRef: { name: 's', namespace: 'ceph' } }), inNamespace('shop', secret)],
    ],
    [/secretRef has no name/, [withFlex({ secretRef: {} })]],
    [/no secretRef, so the kubelet passes no key/, [withFlex({ secretRef: undefined })]],
    [/illegal base64 data/, [pv, { ...secret, data: { key: 'not base64!' } }]],
    [/is no string/, [pv, { ...secret, data: undefined, stringData: { key: 1 } }]],
    [/namespaces are reserved/, [withFlex({ options: { 'kubernetes.io/fsType': 'ceph' } })]],
    [/namespaces are reserved/, [withFlex({ options: { 'a.K8S.io/x': '' } })]],
    [
      /namespaces are reserved/,
      [podWithFlex({ options: { 'kubernetes.io': '' } }), inNamespace('shop', secret)],
    ],
    [/unknown field flexVolume."mountOptions"/, [withFlex({ mountOptions: ['ro'] })]],
    [/unknown field flexVolume."readonly"/, [podWithFlex({ readonly: true })]],
    [/flexVolume.readOnly is no boolean/, [withFlex({ readOnly: 'true' })]],
    [/Secret has no entries/, [pv, { ...secret, data: {} }]],
    [
      /persistentVolumeReclaimPolicy: Unsupported value: "Keep"/,
      [withSpec({ persistentVolumeReclaimPolicy: 'Keep' })],
    ],
    ...['/etc', 'a/../../b'].map((subPath): [RegExp, readonly Json[]] => [
      /refuses subPath/,
      [
        {
          ...pod,
          spec: {
            ...podSpec,
            containers: [{ volumeMounts: [{ name: 'data', mountPath: '/d', subPath }] }],
          },
        },
      ],
    ]),
    [/options must be a map/, [withFlex({ options: ['path=/web'] })]],
    [/volumeMode Block/, [withSpec({ volumeMode: 'Block' })]],
    [/spec.volumeMode: Unsupported value/, [withSpec({ volumeMode: 'block' })]],
    [/spec.capacity: Required value/, [withSpec({ capacity: undefined })]],
    [/spec.capacity.storage "1GiB"/, [withSpec({ capacity: { storage: '1GiB' } })]],
    [/spec.accessModes: Required value/, [withSpec({ accessModes: [] })]],
    [/spec.accessModes: Unsupported value: "RWX"/, [withSpec({ accessModes: ['RWX'] })]],
    [/may not use ReadWriteOncePod/, [withSpec({ accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] })]],
    [/more than 1 volume type \(flexVolume, cephfs\)/, [withSpec({ cephfs: {} })]],
    [
      /more than 1 volume type/,
      [{ ...pod, spec: { ...podSpec, volumes: [{ name: 'data', flexVolume, nfs: {} }] } }],
    ],
    [/RFC 1123 subdomain/, [{ ...pv, metadata: { name: 'Web_Data' } }]],
    [/a missing name/, [{ ...pv, metadata: {} }]],
    [
      /claim "web" is not bound to this volume: storageClassName does not match/,
      [pv, withClaim({ storageClassName: 'fast' })],
    ],
    [
      /storageClassName does not match/,
      [withSpec({ storageClassName: 'cephfs' }), withClaim({ storageClassName: undefined })],
    ],
    [/requested PV is too small/, [pv, withClaim({ resources: { requests: { storage: '2Gi' } } })]],
    [/incompatible accessMode \(ReadWriteOnce\)/, [pv, withClaim({ accessModes: ['ReadWriteOnce'] })]],
    [/incompatible volumeMode/, [pv, withClaim({ volumeMode: 'Block' })]],
    [/is bound to the volume "other", not to "web"/, [pv, withClaim({ volumeName: 'other' })]],
    [
      /already bound to a different claim \(shop\/old\)/,
      [withSpec({ claimRef: { namespace: 'shop', name: 'old' } }), claim],
    ],
    [
      /already bound to a different claim/,
      [withSpec({ claimRef: { namespace: 'prod', name: 'web' } }), claim],
    ],
    [
      /persistentvolumeclaim "wbe" not found; the file contains "web"/,
      [
        pv,
        claim,
        { kind: 'Pod', spec: { volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'wbe' } }] } },
      ],
    ],
    [
      /is specified in volumeDevices/,
      [
        {
          ...pod,
          spec: { ...podSpec, containers: [{ volumeDevices: [{ name: 'data', devicePath: '/d' }] }] },
        },
      ],
    ],
    [
      /violates PodSecurity "restricted"/,
      [
        pod,
        {
          kind: 'Namespace',
          metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
        },
      ],
    ],
  ]
  for (const [words, objects] of refused) {
    const found = findings(objects).filter(({ status }) => status === 'fail')
    t.equal(found.length, 1, `${words}: ${JSON.stringify(found)}`)
    t.match(found[0]?.message, words)
    t.ok(found[0]?.fix, 'with a fix')
    t.notMatch(JSON.stringify(found), KEY)
  }
})

t.test('what is called, but otherwise than it looks', async t => {
  const doubtful: readonly [words: RegExp, objects: readonly Json[]][] = [
    [
      /containers of a pod with hostUsers: false do not start with a volume of ceph-fuse/,
      [{ ...pod, spec: { ...podSpec, hostUsers: false } }, inNamespace('shop', secret)],
    ],
    [/ignores flexVolume.readOnly/, [withFlex({ readOnly: true })]],
    [/and ReadOnlyMany: only the caps/, [withSpec({ accessModes: ['ReadOnlyMany'] })]],
    [/only supported for CSI/, [withSpec({ accessModes: ['ReadWriteOncePod'] })]],
    [
      /has no storageClassName: if the cluster has a default class/,
      [pv, withClaim({ storageClassName: undefined })],
    ],
    [/looks in the namespace of the pod; this Secret is in "ceph"/, [pv, inNamespace('ceph', secret)]],
    [
      /no container uses the volume "data"/,
      [{ ...pod, spec: { ...podSpec, containers: [{ name: 'web' }] } }],
    ],
  ]
  for (const [words, objects] of doubtful)
    t.match(findings(objects), [{ status: 'warn', message: words, fix: /./ }], String(words))
  t.match(
    findings(
      [withFlex({ driver: 'example.com/cephfs' }), { ...secret, type: 'example.com/cephfs' }],
      ['example.com/cephfs'],
    ),
    [{ status: 'warn', message: /calls the driver "example.com\/cephfs".*\/x\/example.com\/cephfs/ }],
    'a driver that is installed under another name',
  )
})

t.test('every kind of object that can have a volume', async t => {
  const template = { spec: podSpec }
  const job = { spec: { template } }
  const kinds: Record<string, Json> = {
    Pod: podSpec,
    PodTemplate: {},
    Deployment: { template },
    StatefulSet: { template },
    DaemonSet: { template },
    ReplicaSet: { template },
    ReplicationController: { template },
    Job: job.spec,
    CronJob: { jobTemplate: job },
    ScheduledJob: { jobTemplate: job },
    Rollout: { template },
  }
  const claims = [{ metadata: { name: 'data' } }, { metadata: { name: 'other' } }]
  const replaced = {
    kind: 'StatefulSet',
    metadata: { name: 'web' },
    spec: { template, volumeClaimTemplates: claims },
  }
  t.match(findings([replaced, secret]), [
    { field: 'volumeClaimTemplates', message: /has the name "?data"?, too/ },
  ])
  for (const [kind, spec] of Object.entries(kinds)) {
    const object = { kind, metadata: { name: 'web' }, spec, ...(kind === 'PodTemplate' ? { template } : {}) }
    const bare = { metadata: { name: 'web' }, spec, ...(kind === 'PodTemplate' ? { template } : {}) }
    const bad = { ...secret, type: 'Opaque' }
    for (const objects of [
      [object, bad],
      [{ kind: 'List', items: [object, bad] }],
      [{ kind: `${kind}List`, items: [bare] }, bad],
    ]) {
      t.match(findings(objects), [{ message: /cannot get secret of type/ }], kind)
      const text = objects.map(each => JSON.stringify(each)).join('\n---\n')
      t.match(parseVolumeFile(text), { options: { path: '/web', 'kubernetes.io/secret/key': base64(KEY) } })
    }
  }
})
