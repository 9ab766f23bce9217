import { monotonicMs } from './clock.js'

/** Time for undoing a failed call; a call may exceed its deadline by as much. */
export const UNDO_MS = 2_000

/** How much time a call has left. */
export type Deadline = {
  /** Milliseconds, never negative. */
  left: () => number
  /** A part (0 to 1) of the time left, in milliseconds, with a lower and an upper bound. */
  share: (part: number, atLeastMs: number, atMostMs: number) => number
  /** A deadline for undoing: at most so many milliseconds from now, and never more than {@link UNDO_MS} after this one. */
  undo: (atMostMs: number) => Deadline
}

/** A deadline `totalMs` milliseconds from now. Tests pass a clock of their own. */
export function startDeadline(totalMs: number, now: () => number = monotonicMs): Deadline {
  const end = now() + totalMs
  const left = () => Math.max(0, end - now())
  return {
    left,
    share: (part, atLeastMs, atMostMs) => Math.min(Math.max(left() * part, atLeastMs), atMostMs),
    undo: atMostMs => startDeadline(Math.min(atMostMs, end + UNDO_MS - now()), now),
  }
}
