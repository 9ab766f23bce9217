import { histogramSamples } from '../metrics/histogram.js'
import { family, type Sample, single } from '../metrics/text.js'
import { CLIENTS } from '../mounters/index.js'
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

function mountSamples(mounts: readonly MountStatus[]): Sample[] {
  return CLIENTS.flatMap(client =>
    // with zeros: an alert on a series that is absent never fires and never ends
    HEALTHS.map((health): Sample => {
      const matching = mounts.filter(mount => mount.client === client && mount.health === health)
      return ['cephflex_mounts', { client, health }, matching.length]
    }),
  )
}
