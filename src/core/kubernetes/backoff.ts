const FIRST_MS = 1_000
const LONGEST_MS = 120_000
/** 2 to this power seconds is longer than the longest wait. */
const MOST_DOUBLINGS = 10

/**
 * How many milliseconds to wait after the n-th failure in a row: twice as long each time, up to two minutes, and random
 * by a quarter in both directions, so that what failed together is not retried together.
 *
 * @param random 0 to 1.
 */
export function backoffMs(failures: number, random: number, firstMs = FIRST_MS): number {
  const base = Math.min(LONGEST_MS, firstMs * 2 ** Math.min(failures - 1, MOST_DOUBLINGS))
  return Math.round(base * (0.75 + random / 2))
}
