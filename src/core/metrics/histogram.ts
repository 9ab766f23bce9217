import type { Sample } from './text.js'

/** Durations in buckets. Does not contain the bounds of its buckets, because it may be stored in a file. */
export type Histogram = {
  sumS: number
  /** Durations in each bucket, not cumulative; the last one counts those above every bound. */
  counts: number[]
}

/** @param bounds the upper bounds of the buckets in seconds, ascending; the same for every function below. */
export function newHistogram(bounds: readonly number[]): Histogram {
  return { sumS: 0, counts: bounds.map(() => 0).concat(0) }
}

/** Counts one duration. */
export function observe(histogram: Histogram, bounds: readonly number[], seconds: number): void {
  const bucket = bounds.findIndex(bound => seconds <= bound)
  const i = bucket === -1 ? bounds.length : bucket
  histogram.counts[i] = (histogram.counts[i] ?? 0) + 1
  histogram.sumS += seconds
}

/** The series of a histogram, as Prometheus expects them: each bucket includes all smaller ones. */
export function histogramSamples(
  name: string,
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  { sumS, counts }: Histogram,
): Sample[] {
  let total = 0
  const buckets = [...bounds.map(String), '+Inf'].map((le, i): Sample => {
    total += counts[i] ?? 0
    return [`${name}_bucket`, { ...labels, le }, total]
  })
  const sum = Math.round(sumS * 1000) / 1000
  return [...buckets, [`${name}_sum`, labels, sum], [`${name}_count`, labels, total]]
}
