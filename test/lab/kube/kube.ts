import { execa } from 'execa'
import type { Test } from 'tap'
import { NODE } from '../../kube/support/objects.js'
import { masked } from '../../kube/support/secrets.js'
import { until } from '../until.js'
import type { Kubectl } from './api.js'
import { KUBE_SCRIPTS, KUBE_START_MS, type KubeOptions, startKubeCluster } from './cluster.js'
import { makeNodeView } from './node-view.js'
import { makeWaits } from './waits.js'

const KUBECTL_MS = 120_000
const LOG_LINES = 60
const KUBELET = 'https://127.0.0.1:8250'
/** Lines of the kubelet's log at -v=4 to print: errors, and changes of volumes, but not the checks of volumes. */
const TELLING = /^[EWF]\d{4} |(SetUp|TearDown|UnmountVolume)\S* (succeeded|failed)/

type Metadata = { name: string; uid: string; annotations?: Record<string, string> }
/** What the tests read of an object of the API. */
export type Read = {
  metadata: Metadata
  spec?: Record<string, unknown>
  status?: { phase?: string; conditions?: { type: string; status: string }[] }
}
export type KubeEvent = { type: string; reason: string; message: string; count?: number }

export { type KubeOptions, newKubeDir } from './cluster.js'

export type Kube = Awaited<ReturnType<typeof startKube>>

/**
 * Starts a real one-node Kubernetes 1.20 (kubelet, API server, controller manager, containerd) that ends with the test.
 * About 10 s; building the first one on a machine takes some minutes. One at a time on a machine: others wait.
 *
 * Pods use the host's network, local images (`objects.ts`) and `nodeName`, unless there is a scheduler.
 */
export async function startKube(t: Test, options: KubeOptions = {}) {
  const { close, ...cluster } = await startKubeCluster(options)
  t.teardown(close)
  const { dir, home } = cluster
  const api = { ...cluster, ...makeApi(cluster) }
  const node = makeNodeView(dir, options.runDirectory)
  const keys: string[] = []
  return {
    node: NODE,
    pluginDir: `${dir}/plugins`,
    ...api,
    ...node,
    ...makeWaits(api, node),
    kubelet: makeKubelet(dir),
    /** Keys that no log may contain; they are masked in the output of a failed test. */
    keys,
    /** Imports an image into containerd, from a file of `docker save` or an OCI tool. */
    importImage: (file: string) =>
      execa(
        `${home}/deb/usr/bin/ctr`,
        [
          '-a',
          `${dir}/run/containerd.sock`,
          '-n',
          'k8s.io',
          'images',
          'import',
          '--snapshotter',
          'native',
          file,
        ],
        { stdin: 'ignore', timeout: KUBECTL_MS },
      ),
    /** A subtest that prints the end of the kubelet's log if it fails. */
    test: (name: string, work: (t: Test) => Promise<void>) =>
      t.test(name, async t => {
        const before = node.kubeletLog().length
        const show = () => t.comment(masked(tail(node.kubeletLog().slice(before)), keys))
        try {
          await work(t)
        } catch (error) {
          show()
          throw error
        }
        if (!t.passing()) show()
      }),
  }
}

/** Queries to the API that kubectl has no command for. */
function makeApi({ list, tryKubectl }: Kubectl) {
  return {
    /** The object, or undefined if there is none of this name. */
    get: async (kind: string, name: string, namespace = 'default'): Promise<Read | undefined> =>
      (await list<Read>([kind, '-n', namespace])).find(({ metadata }) => metadata.name === name),
    events: (name: string): Promise<KubeEvent[]> =>
      list(['events', '-A', '--field-selector', `involvedObject.name=${name}`]),
    /** Runs a line of shell in a pod. */
    exec: (pod: string, script: string) => tryKubectl(['exec', pod, '--', 'sh', '-c', script]),
  }
}

export type Api = Kubectl & ReturnType<typeof makeApi>

type VolumeStats = { name: string; capacityBytes?: number; availableBytes?: number; usedBytes?: number }
type Summary = { pods: { podRef: { name: string }; volume?: VolumeStats[] }[] }

function makeKubelet(dir: string) {
  const control = async (action: string) => {
    await execa('bash', [`${KUBE_SCRIPTS}/cluster.sh`, action, dir], {
      stdin: 'ignore',
      timeout: KUBE_START_MS,
    })
  }
  const curl = async (path: string) =>
    (await execa('curl', ['-sfk', '-m', '10', `${KUBELET}${path}`], { stdin: 'ignore' })).stdout
  const start = async () => {
    await control('kubelet-start')
    await until('the kubelet answers', async () => (await curl('/healthz')) === 'ok')
  }
  return {
    start,
    stop: () => control('kubelet-stop'),
    /** SIGKILL. */
    kill: () => control('kubelet-kill'),
    /** `/stats/summary`, what `kubectl top` and monitoring read. */
    summary: async (): Promise<Summary> => JSON.parse(await curl('/stats/summary')) as Summary,
  }
}

function tail(log: string): string {
  return `the kubelet's log:\n${log
    .split('\n')
    .filter(line => TELLING.test(line))
    .slice(-LOG_LINES)
    .join('\n')}`
}
