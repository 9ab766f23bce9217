import { type ErrorCode, EXPLANATIONS } from './error-codes.js'

/**
 * The only error this program throws on purpose. Anything else is a bug.
 *
 * `message` says what happened, with the value in question, lower case, no
 * full stop; `hint` is the next thing to do. Neither ever holds a key.
 */
export class CephflexError extends Error {
  override readonly name = 'CephflexError'
  readonly code: ErrorCode
  readonly hint: string

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? EXPLANATIONS[code].fix
  }
}

/** The error itself if it is one of ours; everything else is EBUG without its text, which may quote input. */
export function toCephflexError(error: unknown): CephflexError {
  return error instanceof CephflexError
    ? error
    : new CephflexError('EBUG', 'unexpected error', { cause: error })
}
