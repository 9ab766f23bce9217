import { CephflexError } from '../errors.js'
import { maskKeys } from '../text/printable.js'

/** What the API server says when it refuses. */
type Status = { message?: string; reason?: string }

const HINTS: Readonly<Record<number, string>> = {
  401: 'check the token of the ServiceAccount, or the kubeconfig',
  403: 'grant the ServiceAccount the permissions listed in "cephflex manifests controller"',
}

/** A request that the API server refused or did not answer. `status` 0: it was not reached. */
export class ApiError extends CephflexError {
  readonly status: number
  /** Such as `AlreadyExists`, `Expired`. */
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    const hint = HINTS[status]
    super('EAPI', maskKeys(message), hint === undefined ? {} : { hint })
    this.status = status
    this.reason = reason
  }
}

/** The error for an answer that is none of the 200s. */
export function refusedRequest(what: string, status: number, body: string): ApiError {
  let answer: Status = {}
  try {
    answer = (JSON.parse(body) ?? {}) as Status
  } catch {
    // a proxy in between speaks HTML
  }
  const words = typeof answer.message === 'string' ? answer.message : `status ${status}`
  return new ApiError(status, answer.reason ?? '', `${what} was refused: ${words}`)
}

export function isNotFound(error: unknown): boolean {
  return hasStatus(error, 404)
}

/** Of a POST: it exists. Of a change: somebody else was faster. */
export function isConflict(error: unknown): boolean {
  return hasStatus(error, 409)
}

/** The server no longer has the version that a watch or a list wants to go on from. */
export function isExpired(error: unknown): boolean {
  return hasStatus(error, 410)
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status
}
