import type { MountHealth } from './inventory.js'
import { BUCKETS_S, type Counters } from './metrics.js'
import type { MountStatus } from './status.js'

export type Sample = readonly [name: string, labels: Readonly<Record<string, string>>, value: number]

const HEALTHS: readonly (MountHealth | 'gone')[] = ['healthy', 'dead', 'hung', 'evicted', 'broken', 'gone']

/** The text format of Prometheus, for the textfile collector of node_exporter. */
export function metricsText(counters: Counters, mounts: readonly MountStatus[], version: string): string {
  const results = Object.entries(counters.results).map(([key, value]): Sample => {
    const [call = '', result = ''] = key.split(' ')
    return ['cephflex_calls_total', { call, result }, value]
  })
  const duration = 'cephflex_call_duration_seconds'
  const families = [
    family('cephflex_info', 'gauge', 'Version of the driver.', [['cephflex_info', { version }, 1]]),
    family(
      'cephflex_mounts',
      'gauge',
      'CephFS volumes on this node by client and health.',
      mountSamples(mounts),
    ),
    family('cephflex_calls_total', 'counter', 'Calls of the kubelet by result: Success or a code.', results),
    family(
      'cephflex_fallbacks_total',
      'counter',
      'Mounts for which the kernel client was tried after ceph-fuse.',
      [['cephflex_fallbacks_total', {}, counters.fallbacks]],
    ),
    family(
      duration,
      'histogram',
      'Time a call of the kubelet took.',
      durationSamples(duration, counters.durations),
    ),
  ]
  return `${families.join('\n')}\n`
}

/** One metric with all its series, in the text format of Prometheus. */
export function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(sampleText)].join('\n')
}

function mountSamples(mounts: readonly MountStatus[]): Sample[] {
  return (['fuse', 'kernel'] as const).flatMap(client =>
    // zeros too: an alert on a series that is absent never fires, and never ends
    HEALTHS.map((health): Sample => {
      const here = mounts.filter(mount => mount.client === client && mount.health === health)
      return ['cephflex_mounts', { client, health }, here.length]
    }),
  )
}

function durationSamples(name: string, durations: Counters['durations']): Sample[] {
  return Object.entries(durations).flatMap(([call, { sumS, counts }]): Sample[] => {
    let total = 0
    const buckets = [...BUCKETS_S.map(String), '+Inf'].map((le, i): Sample => {
      total += counts[i] ?? 0
      return [`${name}_bucket`, { call, le }, total]
    })
    const sum = Math.round(sumS * 1000) / 1000
    return [...buckets, [`${name}_sum`, { call }, sum], [`${name}_count`, { call }, total]]
  })
}

function sampleText([name, labels, value]: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
}
