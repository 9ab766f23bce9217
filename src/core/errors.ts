import { type ErrorCode, EXPLANATIONS } from './error-codes.js'

/**
 * The only error that this program throws on purpose. Anything else is a bug.
 *
 * `message` is what happened, with the value quoted: lower case, no full stop. `hint` is what to do next, by default the
 * fix from the table. Neither ever contains a key.
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

/** Returns a CephflexError unchanged. Everything else becomes EBUG without its text, which may quote input. */
export function toCephflexError(error: unknown): CephflexError {
  return error instanceof CephflexError
    ? error
    : new CephflexError('EBUG', 'unexpected error', { cause: error })
}
