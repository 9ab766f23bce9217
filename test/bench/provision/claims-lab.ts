import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { parseAllDocuments } from 'yaml'
import { parseKubeconfig } from '../../../src/core/kubernetes/kubeconfig.js'
import {
  type Claim,
  objectKey,
  type PersistentVolume,
  pathOf,
  RESOURCES,
} from '../../../src/core/kubernetes/objects.js'
import { listVolumes } from '../../../src/ops/provision/list.js'
import { type KubeClient, kubeClient } from '../../../src/system/kubernetes/client.js'
import { informer } from '../../../src/system/kubernetes/informer.js'
import { ADMIN_SECRET, adminSecret, newClaim, newClass } from '../../lab/kube/claims.js'
import { type KubeCluster, startKubeCluster } from '../../lab/kube/cluster.js'
import { accountConfig, startReplica } from '../../lab/kube/replica.js'
import { until } from '../../lab/until.js'
import type { Claims, Moments } from './bound.js'
import type { ProvisionLab } from './lab.js'
import { processorTimes, requestsIn } from './processors.js'

const BUILT = join(import.meta.dirname, '../../../../dist/bin/cephflex.js')

const CLASS = 'bench'
const CLAIM_ROOT = '/volumes/bound'
const NAMESPACE = 'default'
const LARGER = '32Mi'
/** For the last of many claims. */
const LIMIT_MS = 300_000

/** A Kubernetes whose claims get volumes of a lab's cluster; `close` removes everything. */
export type ClaimsLab = Claims & {
  /** Expands a bound claim. @returns when a watch saw its new size, as all times in milliseconds of one clock. */
  expand: (name: string) => Promise<number>
  /** Deletes a claim. @returns when its PersistentVolume was gone. */
  remove: (name: string) => Promise<number>
  /** The processor time of each program so far, in milliseconds. */
  processors: () => Map<string, number>
  /** The requests that the API server has answered so far, by verb and kind of object. */
  requests: () => Promise<Map<string, number>>
  /** @throws Error unless every claim that was bound has a volume of its own in the file system. */
  prove: () => Promise<void>
  close: () => Promise<void>
}

/** Starts it for a Ceph cluster. Needs what `bin/setup.sh kube` installs. One at a time on a machine. */
export async function openClaimsLab(
  lab: ProvisionLab,
  { program = BUILT, flags = [] }: { program?: string | undefined; flags?: readonly string[] } = {},
): Promise<ClaimsLab> {
  const kube = await startKubeCluster()
  const ending = new AbortController()
  const closing: (() => Promise<unknown>)[] = [kube.close]
  const close = async () => {
    ending.abort()
    for (const end of closing.toReversed()) await end()
  }
  try {
    await prepare(kube, lab)
    const replica = await startController(kube, program, flags)
    closing.push(async () => {
      replica.kill('SIGTERM')
      await replica.ended
    })
    const client = kubeClient(parseKubeconfig(readFileSync(kube.kubeconfig, 'utf8'), kube.dir))
    const { waiting, moments, problems, claims, volumes, ended } = watchClaims(client, ending.signal)
    closing.push(async () => {
      await ended
      client.close()
    })
    await until('claims and volumes are watched', () => claims.isSynced() && volumes.isSynced())
    const bound: string[] = []
    const seen = (what: string, name: string) =>
      until(`${name} is ${what}`, () => moments.get(`${what} ${NAMESPACE}/${name}`), LIMIT_MS / 1000)
    return {
      requests: async () => requestsIn(await kube.kubectl(['get', '--raw', '/metrics'])),
      processors: () => processorTimes(kube.dir, lab.folder, replica.pid),
      expand: async name => {
        await client.patch(pathOf.claim(NAMESPACE, name), {
          spec: { resources: { requests: { storage: LARGER } } },
        })
        return seen('expanded', name)
      },
      remove: async name => {
        await client.remove(pathOf.claim(NAMESPACE, name))
        bound.splice(bound.indexOf(name), 1)
        return seen('removed', name)
      },
      bind: async name => {
        const key = objectKey({ metadata: { namespace: NAMESPACE, name } })
        const moments = new Promise<Moments>((done, fail) => {
          const timer = setTimeout(
            () =>
              fail(new Error(`${name} is not bound; ${problems.at(-1)?.message ?? 'no reason is known'}`)),
            LIMIT_MS,
          ).unref()
          waiting.set(key, {
            seen: {},
            done: moments => {
              clearTimeout(timer)
              done(moments)
            },
          })
        })
        await client.create(pathOf.claim(NAMESPACE, ''), newClaim(name, CLASS))
        bound.push(name)
        return moments
      },
      prove: async () => {
        const made = await listVolumes(await lab.open('directory', CLAIM_ROOT))
        const ours = new Set(made.map(({ marker }) => marker.pv))
        const all = volumes.all().filter(({ metadata }) => ours.has(metadata.name))
        if (all.length !== bound.length) throw new Error(`${bound.length} claims, ${all.length} volumes`)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The account of the shipped manifest, the key of the admin, and a class. */
async function prepare(kube: KubeCluster, { monitors, key }: ProvisionLab): Promise<void> {
  const { stdout } = await execa(process.execPath, [BUILT, 'manifests', 'controller'])
  const objects = parseAllDocuments(stdout).map(document => document.toJS() as { kind: string })
  await kube.apply(...objects.filter(({ kind }) => kind !== 'Deployment'), adminSecret(key.reveal()))
  const place = { claimRoot: CLAIM_ROOT, backend: 'directory' }
  await kube.apply(newClass(CLASS, { monitors, ...ADMIN_SECRET, ...place }))
}

async function startController(kube: KubeCluster, program: string, flags: readonly string[]) {
  const replica = await startReplica({
    program: [process.execPath, program],
    kubeconfig: await accountConfig(kube),
    logFile: join(kube.dir, 'run/log/controller.log'),
    flags,
  })
  await replica.begins()
  return replica
}

/** A wait for a claim, and the times of its changes so far. */
type Waiting = {
  seen: Partial<Moments>
  done: (moments: Moments) => void
}

/** Watches claims and their volumes. */
function watchClaims(client: KubeClient, signal: AbortSignal) {
  const waiting = new Map<string, Waiting>()
  const moments = new Map<string, number>()
  const problems: Error[] = []
  const onProblem = (error: Error) => {
    if (!signal.aborted) problems.push(error)
  }
  const see = (claim: string, what: keyof Moments) => {
    const { seen, done } = waiting.get(claim) ?? {}
    if (seen === undefined) return
    seen[what] ??= performance.now()
    const { created, made, bound } = seen
    if (created !== undefined && made !== undefined && bound !== undefined) done?.({ created, made, bound })
  }
  const claims = informer<Claim>(client, {
    path: RESOURCES.claims,
    onChange: (key, { status }) => {
      see(key, 'created')
      if (status?.capacity?.['storage'] === LARGER) moments.set(`expanded ${key}`, performance.now())
      if (status?.phase === 'Bound') see(key, 'bound')
    },
    onProblem,
  })
  const volumes = informer<PersistentVolume>(client, {
    path: RESOURCES.volumes,
    onChange: (_, { spec: { claimRef } }, isDeleted) => {
      const key = `${claimRef?.namespace}/${claimRef?.name}`
      if (isDeleted) moments.set(`removed ${key}`, performance.now())
      else see(key, 'made')
    },
    onProblem,
  })
  const ended = Promise.all([claims.run(signal), volumes.run(signal)])
  return { waiting, moments, problems, claims, volumes, ended }
}
