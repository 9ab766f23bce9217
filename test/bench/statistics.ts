/** The median of a series and its spread, in the unit of the series. */
export type Summary = {
  median: number
  /** A quarter of the values are lower. */
  q1: number
  /** A quarter of the values are higher. */
  q3: number
}

/**
 * The value below which this share (0 to 1) of a series lies.
 *
 * @throws Error for an empty series.
 */
export function percentile(values: readonly number[], share: number): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    share,
  )
}

/**
 * The ratio of a series to `base`, from the same rounds. Each round is compared by itself, so that a round in which the
 * machine was busy with something else counts once and not twice.
 *
 * @throws Error if the series differ in length.
 */
export function compare(values: readonly number[], base: readonly number[]): Summary {
  if (values.length !== base.length) throw new Error(`${values.length} runs against ${base.length}`)
  return summarize(values.map((value, round) => value / (base[round] ?? 0)))
}

/** @throws Error for an empty series. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), q1: quantile(sorted, 0.25), q3: quantile(sorted, 0.75) }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A shuffled copy, every order equally likely (Fisher and Yates). */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const rest = [...list]
  return list.flatMap(() => rest.splice(Math.floor(random() * rest.length), 1))
}

/** @param share 0 to 1; between two values it is interpolated. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) throw new Error('no values were measured')
  return below + (above - below) * (place - Math.floor(place))
}
