import type { ErrorCode } from '../error-codes.js'

/** A possible cause of a failure, what to check to confirm it, and the fix. */
export type Cause = { cause: string; tell: string; fix: string }

/**
 * A failure, and everything by which it can be recognized. A text is matched without case, quotes and blanks; in it `*`
 * stands for anything short, and `#` for a number. How texts are weighed: `matches.ts`.
 */
export type Topic = {
  /** The meaning, in lower case unless it begins with a name. */
  means: string
  codes?: readonly ErrorCode[]
  /** Numbers of errno(3), or the exit code of a client. */
  numbers?: readonly number[]
  /** Messages of programs, except those of the two clients, which are in core/mounters. */
  texts?: readonly string[]
  /** Messages that many failures have in common: they count only where nothing else is recognized. */
  vague?: readonly string[]
  /** The most likely first. */
  causes: readonly Cause[]
}

/** A row of a table of topics. */
export function cause(cause: string, tell: string, fix: string): Cause {
  return { cause, tell, fix }
}
