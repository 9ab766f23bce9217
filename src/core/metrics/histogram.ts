import type { Sample } from './text.js'

/** Durations in buckets. Its bounds are not part of it, as it may be kept in a file. */
export type Histogram = {
  sumS: number
  /** How many in each bucket, those of smaller ones not included; the last one is for what exceeds every bound. */
  counts: number[]
}

/** @param bounds the upper bounds of its buckets in seconds, rising; the same in every call below. */
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

/** The series of a histogram. A bucket of Prometheus includes all smaller ones. */
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
