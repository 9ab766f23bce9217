import { family, type Sample } from '../node/metrics-text.js'

export const OPERATIONS = ['provision', 'undo', 'expand', 'delete'] as const
export type Operation = (typeof OPERATIONS)[number]

const BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

type Durations = { sumS: number; counts: number[] }

/** What the controller did since it was started. `result` is `success` or a code. */
export type Stats = {
  results: Map<string, { operation: Operation; result: string; times: number }>
  durations: Map<Operation, Durations>
}

const DURATION = 'cephflex_controller_operation_duration_seconds'

/** What is true at the moment. */
export type Gauges = { leads: boolean; synced: boolean; waiting: number; sessions: number; version: string }

export function newStats(): Stats {
  return {
    // zeros from the beginning: the first failure is a rise that an alert sees
    results: new Map(
      OPERATIONS.map(operation => [`${operation} success`, { operation, result: 'success', times: 0 }]),
    ),
    durations: new Map(
      OPERATIONS.map(operation => [operation, { sumS: 0, counts: BUCKETS_S.map(() => 0).concat(0) }]),
    ),
  }
}

/** Counts one operation that took some seconds. */
export function countOperation(stats: Stats, operation: Operation, result: string, seconds: number): void {
  const key = `${operation} ${result}`
  const row = stats.results.get(key) ?? { operation, result, times: 0 }
  stats.results.set(key, { ...row, times: row.times + 1 })
  const durations = stats.durations.get(operation)
  if (durations === undefined) return
  const bucket = BUCKETS_S.findIndex(limit => seconds <= limit)
  const index = bucket < 0 ? BUCKETS_S.length : bucket
  durations.counts[index] = (durations.counts[index] ?? 0) + 1
  durations.sumS += seconds
}

/** The page `/metrics`, in the text format of Prometheus. */
export function statsText(stats: Stats, { leads, synced, waiting, sessions, version }: Gauges): string {
  const gauge = (name: string, help: string, value: number) =>
    family(`cephflex_controller_${name}`, 'gauge', help, [[`cephflex_controller_${name}`, {}, value]])
  const info = 'cephflex_controller_info'
  const total = 'cephflex_controller_operations_total'
  const results = [...stats.results.values()].map(
    ({ operation, result, times }): Sample => [total, { operation, result }, times],
  )
  const durations = [...stats.durations].flatMap(([operation, each]) => durationSamples(operation, each))
  const families = [
    family(info, 'gauge', 'Version of the controller.', [[info, { version }, 1]]),
    gauge('leader', 'Whether this replica holds the lease.', Number(leads)),
    gauge('synced', 'Whether every kind of object was listed.', Number(synced)),
    gauge('waiting', 'Claims and volumes that wait, those for another try included.', waiting),
    gauge('sessions', 'Sessions with Ceph clusters that are open.', sessions),
    family(total, 'counter', 'Operations by result: success or a code.', results),
    family(DURATION, 'histogram', 'Time an operation took.', durations),
  ]
  return `${families.join('\n')}\n`
}

function durationSamples(operation: Operation, { sumS, counts }: Durations): Sample[] {
  let total = 0
  const buckets = [...BUCKETS_S.map(String), '+Inf'].map((le, i): Sample => {
    total += counts[i] ?? 0
    return [`${DURATION}_bucket`, { operation, le }, total]
  })
  const sum = Math.round(sumS * 1000) / 1000
  return [...buckets, [`${DURATION}_sum`, { operation }, sum], [`${DURATION}_count`, { operation }, total]]
}
