/** Kubernetes objects as the tests need them; `kubectl apply` reads JSON. */
export type KubeObject = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } }

export const DRIVER = 'cephflex/cephfs'
const IMAGE = 'localhost/cephflex/busybox:1'
export const NODE = 'localhost'

export type Source = Record<string, unknown>
type Options = Readonly<Record<string, string>>

/** A Secret; the kubelet demands that its type is the name of the driver. */
export const secret = (name: string, data: Options, type = DRIVER) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  type,
  stringData: data,
})

type FlexOptions = { secret?: string; namespace?: string; readOnly?: boolean; driver?: string }

/** A volume of our driver, for a pod (inline) or, with a namespace for its Secret, for a PersistentVolume. */
export const flexVolume = (options: Options, flex: FlexOptions = {}): Source => ({
  flexVolume: {
    driver: flex.driver ?? DRIVER,
    options,
    ...(flex.readOnly && { readOnly: true }),
    ...(flex.secret && {
      secretRef: { name: flex.secret, ...(flex.namespace && { namespace: flex.namespace }) },
    }),
  },
})

export const claimed = (claimName: string, readOnly = false): Source => ({
  persistentVolumeClaim: { claimName, readOnly },
})

type PodOptions = {
  /** Mounted instead of the root of the volume. */
  subPath?: string
  fsGroup?: number
  runAsUser?: number
  /** The pod sees what is mounted over its volume later. */
  propagates?: boolean
}

/** A pod with one volume, on /data, that stays until it is deleted. */
export const pod = (
  name: string,
  source: Source,
  { subPath, fsGroup, runAsUser, propagates }: PodOptions = {},
) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    nodeName: NODE,
    hostNetwork: true,
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    securityContext: { ...(fsGroup && { fsGroup }), ...(runAsUser && { runAsUser }) },
    containers: [
      {
        name: 'main',
        image: IMAGE,
        imagePullPolicy: 'Never',
        command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1; done'],
        volumeMounts: [
          {
            name: 'data',
            mountPath: '/data',
            ...(subPath && { subPath }),
            ...(propagates && { mountPropagation: 'HostToContainer' }),
          },
        ],
      },
    ],
    volumes: [{ name: 'data', ...source }],
  },
})

/** A PersistentVolume for the claim of the same name, ReadWriteMany. */
export const persistentVolume = (name: string, source: Source) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: '',
    claimRef: { namespace: 'default', name },
    ...source,
  },
})

export const claim = (name: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteMany'],
    storageClassName: '',
    volumeName: name,
    resources: { requests: { storage: '1Gi' } },
  },
})
