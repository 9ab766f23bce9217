import { histogramSamples } from '../metrics/histogram.js'
import { family, type Sample, single } from '../metrics/text.js'
import { CLIENTS, mounters } from '../mounters/index.js'
import { BUCKETS_S, type Counters } from './metrics.js'
import type { MountStatus } from './status.js'

const HEALTHS: readonly MountStatus['health'][] = [
  'healthy',
  'dead',
  'hung',
  'evicted',
  'broken',
  'hidden',
  'gone',
  'unknown',
]

/** The metrics of a node in the text format of Prometheus, for the textfile collector of node_exporter. */
export function metricsText(counters: Counters, mounts: readonly MountStatus[], version: string): string {
  const results = Object.entries(counters.results).map(([key, value]): Sample => {
    const [call = '', result = ''] = key.split(' ')
    return ['cephflex_calls_total', { call, result }, value]
  })
  const duration = 'cephflex_call_duration_seconds'
  const durations = Object.entries(counters.durations).flatMap(([call, histogram]) =>
    histogramSamples(duration, { call }, BUCKETS_S, histogram),
  )
  const families = [
    single('cephflex_info', 'gauge', 'Version of the driver.', 1, { version }),
    family(
      'cephflex_mounts',
      'gauge',
      'CephFS volumes on this node by client and health.',
      mountSamples(mounts),
    ),
    family(
      'cephflex_clients',
      'gauge',
      'Client processes on this node, by whether a volume uses them.',
      clientSamples('cephflex_clients', mounts, ({ length }) => length),
    ),
    family(
      'cephflex_client_memory_bytes',
      'gauge',
      'Memory that the client processes use.',
      clientSamples('cephflex_client_memory_bytes', mounts, clients =>
        clients.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0),
      ),
    ),
    family(
      'cephflex_restart_needed',
      'gauge',
      'Containers that see a lost mount instead of the new one, and must be restarted.',
      restartSamples(mounts),
    ),
    family(
      'cephflex_calls_total',
      'counter',
      'Calls from the kubelet by result: Success or an error code.',
      results,
    ),
    single(
      'cephflex_fallbacks_total',
      'counter',
      'Mounts that tried the kernel client after ceph-fuse failed.',
      counters.fallbacks,
    ),
    family(duration, 'histogram', 'Duration of calls from the kubelet in seconds.', durations),
  ]
  return `${families.join('\n')}\n`
}

/** One sample for each kind of client with a process: in use, and not. Targets that share a client count it once. */
function clientSamples(
  name: string,
  mounts: readonly MountStatus[],
  measure: (clients: MountStatus[]) => number,
): Sample[] {
  return CLIENTS.filter(client => mounters[client].daemon !== undefined).flatMap(client =>
    (['true', 'false'] as const).map((used): Sample => {
      const matching = mounts.filter(
        mount => mount.client === client && mount.pid !== undefined && isUsed(mount) === (used === 'true'),
      )
      const byPid = new Map(matching.map(mount => [mount.pid, mount]))
      return [name, { client, used }, measure([...byPid.values()])]
    }),
  )
}

/** One sample for each container and volume. Without a container in need there is none: the rule of an alert is > 0. */
function restartSamples(mounts: readonly MountStatus[]): Sample[] {
  return mounts.flatMap(({ namespace = '', pod, uid = '', volume = '', restartNeeded = [] }) =>
    restartNeeded.map((container): Sample => {
      const labels = { namespace, pod: pod ?? uid, container, volume }
      return ['cephflex_restart_needed', labels, 1]
    }),
  )
}

function isUsed({ targets }: MountStatus) {
  return targets !== 0
}

function mountSamples(mounts: readonly MountStatus[]): Sample[] {
  return CLIENTS.flatMap(client =>
    // with zeros: an alert on a series that is absent never fires and never ends
    HEALTHS.map((health): Sample => {
      const matching = mounts.filter(
        mount => isUsed(mount) && mount.client === client && mount.health === health,
      )
      return ['cephflex_mounts', { client, health }, matching.length]
    }),
  )
}
