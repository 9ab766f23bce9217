import { type Histogram, histogramSamples, newHistogram, observe } from '../metrics/histogram.js'
import { family, type Sample, single } from '../metrics/text.js'

export const OPERATIONS = ['provision', 'undo', 'expand', 'delete'] as const
export type Operation = (typeof OPERATIONS)[number]

const BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Operations since the controller was started. `result` is `success` or an error code. */
export type Stats = {
  results: Map<string, { operation: Operation; result: string; times: number }>
  durations: Map<Operation, Histogram>
}

const DURATION = 'cephflex_controller_operation_duration_seconds'

/** The current state of the controller. */
export type Gauges = { leads: boolean; synced: boolean; waiting: number; sessions: number; version: string }

/** Statistics that start at zero. */
export function newStats(): Stats {
  return {
    // zeros from the beginning, so that an alert sees the first one as an increase
    results: new Map(
      OPERATIONS.map(operation => [`${operation} success`, { operation, result: 'success', times: 0 }]),
    ),
    durations: new Map(OPERATIONS.map(operation => [operation, newHistogram(BUCKETS_S)])),
  }
}

/** Counts one operation that took some seconds. */
export function countOperation(stats: Stats, operation: Operation, result: string, seconds: number): void {
  const key = `${operation} ${result}`
  const row = stats.results.get(key) ?? { operation, result, times: 0 }
  stats.results.set(key, { ...row, times: row.times + 1 })
  const durations = stats.durations.get(operation)
  if (durations !== undefined) observe(durations, BUCKETS_S, seconds)
}

/** The page `/metrics`, in the text format of Prometheus. */
export function statsText(stats: Stats, { leads, synced, waiting, sessions, version }: Gauges): string {
  const gauge = (name: string, help: string, value: number) =>
    single(`cephflex_controller_${name}`, 'gauge', help, value)
  const total = 'cephflex_controller_operations_total'
  const results = [...stats.results.values()].map(
    ({ operation, result, times }): Sample => [total, { operation, result }, times],
  )
  const durations = [...stats.durations].flatMap(([operation, histogram]) =>
    histogramSamples(DURATION, { operation }, BUCKETS_S, histogram),
  )
  const families = [
    single('cephflex_controller_info', 'gauge', 'Version of the controller.', 1, { version }),
    gauge('leader', 'Whether this replica holds the lease.', Number(leads)),
    gauge('synced', 'Whether all kinds of objects have been listed.', Number(synced)),
    gauge('waiting', 'Claims and volumes waiting to be processed, including retries.', waiting),
    gauge('sessions', 'Open sessions with Ceph clusters.', sessions),
    family(total, 'counter', 'Operations by result: success or an error code.', results),
    family(DURATION, 'histogram', 'Duration of operations in seconds.', durations),
  ]
  return `${families.join('\n')}\n`
}
