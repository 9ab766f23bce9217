import { newClaim } from '../../lab/kube/claims.js'

/** Kubernetes objects as the tests need them; `kubectl apply` reads JSON. */
export type KubeObject = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } }

export const DRIVER = 'cephflex/cephfs'
const IMAGE = 'localhost/cephflex/busybox:1'
export const NODE = 'localhost'

export type Source = Record<string, unknown>
type Options = Readonly<Record<string, string>>

type FlexOptions = { secret?: string; namespace?: string; readOnly?: boolean; driver?: string }

type PodOptions = {
  /** Mounted instead of the root of the volume. */
  subPath?: string
  fsGroup?: number
  runAsUser?: number
  /** Mounts that are made over its volume later propagate to the pod. */
  propagates?: boolean
  /** A line of shell that it runs first. */
  first?: string
}

/** A Secret; the kubelet demands that its type is the name of the driver. */
export function secret(name: string, data: Options, type = DRIVER) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type,
    stringData: data,
  }
}

/** A volume of this driver, for a pod (inline) or, with a namespace for its Secret, for a PersistentVolume. */
export function flexVolume(options: Options, flex: FlexOptions = {}): Source {
  return {
    flexVolume: {
      driver: flex.driver ?? DRIVER,
      options,
      ...(flex.readOnly && { readOnly: true }),
      ...(flex.secret && {
        secretRef: { name: flex.secret, ...(flex.namespace && { namespace: flex.namespace }) },
      }),
    },
  }
}

export function claimed(claimName: string, readOnly = false): Source {
  return {
    persistentVolumeClaim: { claimName, readOnly },
  }
}

/** A pod with one volume on /data. It runs until it is deleted. */
export function pod(
  name: string,
  source: Source,
  { subPath, fsGroup, runAsUser, propagates, first = ':' }: PodOptions = {},
) {
  return {
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
          command: ['sh', '-c', `trap exit TERM; ${first}; while :; do sleep 1; done`],
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
  }
}

/** A PersistentVolume for the claim of the same name, ReadWriteMany. */
export function persistentVolume(name: string, source: Source) {
  return {
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
  }
}

/** A claim bound to the PersistentVolume of the same name. */
export function claim(name: string) {
  return newClaim(name, '', { volumeName: name, resources: { requests: { storage: '1Gi' } } })
}
