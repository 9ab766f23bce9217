import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { execa } from 'execa'
import type { Test } from 'tap'
import type { Claim, KubeObject, PersistentVolume } from '../../src/core/kubernetes/objects.js'
import type { Provisioner } from '../../src/ops/provision/provisioner.js'
import { claim, storageClass } from '../support/claims.js'
import { PROGRAM } from '../support/cli.js'
import { asItIs } from '../support/coverage.js'
import { memoryApi } from '../support/memory-api.js'
import { base64 } from '../support/volumes.js'
import type { TestCluster } from './cluster.js'
import { namesBelow, volumeUsers } from './provisioning.js'
import { until } from './until.js'

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/apps/leases/cephflex-controller'
const CLAIM = '/api/v1/namespaces/apps/persistentvolumeclaims/data'
const NAMESPACE = '/api/v1/namespaces/apps'

export type World = Awaited<ReturnType<typeof controllerWorld>>

export const NOTHING_LEFT = { users: 0, directories: 0, volumes: 0, secrets: 0, claims: 0 }

/**
 * The built controller as a process, a real Ceph, and an API in memory with a
 * class, the key of the admin, and one claim at a time, `apps/data`.
 *
 * @param before see `memoryApi`.
 */
export async function controllerWorld(
  t: Test,
  cluster: TestCluster,
  before?: (method: string, path: string) => boolean,
) {
  const api = await memoryApi(t, before)
  writeFileSync(api.kubeconfig, config(api.url))
  const parameters = { monitors: cluster.monitors, adminSecretName: 'admin', adminSecretNamespace: 'apps' }
  const made = storageClass({ parameters })
  api.put('/apis/storage.k8s.io/v1/storageclasses/fast', made as never)
  const key = { metadata: { name: 'admin', namespace: 'apps' }, data: { key: base64(cluster.adminKey) } }
  api.put('/api/v1/namespaces/apps/secrets/admin', key)
  let child: ReturnType<typeof launch> | undefined
  let log = ''
  /** The offset in the log at which the running controller starts. */
  let begin = 0

  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child?.kill(signal)
    const result = await child
    child = undefined
    return result?.exitCode
  }
  t.teardown(() => kill())
  return {
    ...api,
    kill,
    /** Kills it at once, from inside the API. */
    killNow: () => child?.kill('SIGKILL'),
    start: (...flags: string[]) => {
      // as if the Lease had expired since the last one was killed
      api.remove(LEASE)
      begin = log.length
      const args = ['controller', '--kubeconfig', api.kubeconfig, '--listen', '127.0.0.1:0', ...flags]
      child = launch(args)
      child.all.on('data', (chunk: Buffer) => {
        log += chunk.toString()
      })
    },
    log: () => log,
    port: () => until('the controller listens', () => /"port":(\d+)/.exec(log.slice(begin))?.[1]),
    newClaim: (spec: Partial<Claim['spec']> = {}, uid?: string) => {
      api.put(CLAIM, claim(spec, { uid: uid as never }) as never)
      return (api.objects.get(CLAIM)?.metadata.uid ?? '') as string
    },
    /** A new namespace of the same name; with `isEnding`, the last one is being deleted. */
    setNamespace: (isEnding = false) => {
      const uid = isEnding ? api.objects.get(NAMESPACE)?.metadata.uid : randomUUID()
      const deletionTimestamp = isEnding ? { deletionTimestamp: new Date().toISOString() } : {}
      api.put(NAMESPACE, { metadata: { name: 'apps', ...(uid && { uid }), ...deletionTimestamp } })
    },
    claim: () => api.objects.get(CLAIM) as Claim | undefined,
    removeClaim: () => api.remove(CLAIM),
    /** Binds claim and volume, as Kubernetes does. */
    bind: (volume: PersistentVolume) => {
      const old = api.objects.get(CLAIM) as unknown as Claim
      const spec = { ...old.spec, volumeName: volume.metadata.name }
      const status = { phase: 'Bound', capacity: volume.spec.capacity ?? {} }
      api.put(CLAIM, { ...old, spec, status } as never)
      api.put(volumePath(volume.metadata.name), { ...volume, status: { phase: 'Bound' } } as never)
    },
    resize: (storage: string) => {
      const old = api.objects.get(CLAIM) as unknown as Claim
      api.put(CLAIM, { ...old, spec: { ...old.spec, resources: { requests: { storage } } } } as never)
    },
    /**
     * What the expand controller of Kubernetes 1.32 and newer does for a FlexVolume, whose expander does nothing: sets the
     * size of the volume, and leaves the rest to the kubelet.
     */
    expandAsKubernetes: (storage: string) => {
      for (const old of api.all('persistentvolumes') as unknown as PersistentVolume[])
        api.put(volumePath(old.metadata.name), {
          ...old,
          spec: { ...old.spec, capacity: { storage } },
        } as never)
      const old = api.objects.get(CLAIM) as unknown as Claim
      const status = {
        ...old.status,
        conditions: [{ type: 'Unrelated' }, { type: 'Resizing' }, { type: 'FileSystemResizePending' }],
        allocatedResources: { storage },
        allocatedResourceStatuses: { storage: 'NodeResizePending' },
      }
      api.put(CLAIM, { ...old, status } as never)
    },
    /** Releases the volume, as Kubernetes does when the claim is deleted. */
    release: ({ metadata: { name } }: KubeObject) => {
      const old = api.objects.get(volumePath(name))
      if (old) api.put(volumePath(name), { ...old, status: { phase: 'Released' } } as never)
    },
    volume: () => api.all('persistentvolumes')[0] as PersistentVolume | undefined,
    events: () => api.all('events') as unknown as { reason: string; message: string; count: number }[],
  }
}

export function volumePath(name: string) {
  return `/api/v1/persistentvolumes/${name}`
}

/** The numbers of everything that belongs to volumes, in the cluster and in the API. */
export async function leftIn(world: World, cluster: TestCluster, provisioner: Provisioner) {
  return {
    users: (await volumeUsers(cluster)).length,
    directories: (await namesBelow(provisioner)).length,
    volumes: world.all('persistentvolumes').length,
    secrets: world.all('secrets').filter(({ metadata }) => metadata.name !== 'admin').length,
    claims: world.all('persistentvolumeclaims').length,
  }
}

function config(server: string) {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'apps' } }],
    clusters: [{ name: 'k', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'token' } }],
  })
}

function launch(args: readonly string[]) {
  return execa(...asItIs(PROGRAM, args), { reject: false, all: true, stdin: 'ignore' })
}
