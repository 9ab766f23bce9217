import type { ErrorCode } from '../error-codes.js'

/** A possible cause of a failure, what to check to confirm it, and the fix. */
export type Cause = { cause: string; tell: string; fix: string }

/** Something a person may meet, under every name it goes by. */
export type Topic = {
  /** As a sentence begins: what it means here. */
  means: string
  codes?: readonly ErrorCode[]
  /** Numbers of errno(3), or the exit code of a client. */
  numbers?: readonly number[]
  /** Texts of programs that are no symptoms of a mount: those are in `mounters`. */
  texts?: readonly RegExp[]
  /** The likely ones first. */
  causes: readonly Cause[]
}

export function cause(cause: string, tell: string, fix: string): Cause {
  return { cause, tell, fix }
}
