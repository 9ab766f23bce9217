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
  /** Whether no other client may be tried: it would only add to the damage. */
  readonly isFinal: boolean

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; isFinal?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? EXPLANATIONS[code].fix
    this.isFinal = options.isFinal ?? false
  }
}

/** What to do if the errno is one of a node that has no process, handle or memory left; undefined if it is not. */
export function exhaustedHint(errno: string): string | undefined {
  return ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'].includes(errno)
    ? 'free memory, processes or file handles on this node, and try again'
    : undefined
}

/**
 * Returns a CephflexError unchanged. Everything else becomes EBUG without its text, which may quote input: with the name
 * of the errno, if it has one.
 */
export function toCephflexError(error: unknown): CephflexError {
  if (error instanceof CephflexError) return error
  const errno = errnoName(error)
  const hint = exhaustedHint(errno)
  return new CephflexError('EBUG', ['unexpected error', errno].filter(Boolean).join(': '), {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}

function errnoName(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^E[A-Z0-9]+$/.test(code) ? code : ''
}
