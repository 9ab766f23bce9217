const FIRST_MS = 1_000
const LONGEST_MS = 120_000
/** 2 to this power is beyond the longest. */
const MOST_DOUBLINGS = 10

/**
 * How long to wait after the n-th failure in a row of one object: twice as
 * long each time, up to two minutes, and spread by a quarter, so that what
 * failed together does not come back together.
 *
 * @param random 0 to 1.
 */
export function backoffMs(failures: number, random: number, firstMs = FIRST_MS): number {
  const base = Math.min(LONGEST_MS, firstMs * 2 ** Math.min(failures - 1, MOST_DOUBLINGS))
  return Math.round(base * (0.75 + random / 2))
}
