import { monotonicMs } from './clock.js'

/** The time that is left of a call. */
export type Deadline = {
  /** Milliseconds, never negative. */
  left: () => number
  /** A part of what is left, in milliseconds, with a lower and an upper bound. */
  share: (part: number, atLeastMs: number, atMostMs: number) => number
}

export function startDeadline(totalMs: number, now: () => number = monotonicMs): Deadline {
  const end = now() + totalMs
  const left = () => Math.max(0, end - now())
  return {
    left,
    share: (part, atLeastMs, atMostMs) => Math.min(Math.max(left() * part, atLeastMs), atMostMs),
  }
}
