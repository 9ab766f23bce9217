import { CephflexError } from '../errors.js'
import { maskKeys } from '../text/printable.js'

/** The body of a refusal by the API server. */
type Status = { message?: string; reason?: string }

const HINTS: Readonly<Record<number, string>> = {
  401: 'check the token of the ServiceAccount, or the kubeconfig',
  403: 'grant the ServiceAccount the permissions listed in "cephflex manifests controller"',
}

/** EAPI: the API server refused a request or did not answer. `status` is that of HTTP; 0 if there was no answer. */
export class ApiError extends CephflexError {
  readonly status: number
  /** Kubernetes' reason, such as `AlreadyExists` or `Expired`; empty if there is none. */
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    const hint = HINTS[status]
    super('EAPI', maskKeys(message), hint === undefined ? {} : { hint })
    this.status = status
    this.reason = reason
  }
}

/** The error for an answer with a status other than 2xx. `what` is the request, for the message. */
export function refusedRequest(what: string, status: number, body: string): ApiError {
  let answer: Status = {}
  try {
    answer = (JSON.parse(body) ?? {}) as Status
  } catch {
    // a proxy may answer with HTML
  }
  const words = typeof answer.message === 'string' ? answer.message : `status ${status}`
  return new ApiError(status, answer.reason ?? '', `${what} was refused: ${words}`)
}

/** The object does not exist. */
export function isNotFound(error: unknown): boolean {
  return hasStatus(error, 404)
}

/** For a POST: the object already exists. For a change: it was changed in the meantime. */
export function isConflict(error: unknown): boolean {
  return hasStatus(error, 409)
}

/** The server no longer has the version that a watch or a list wants to continue from. */
export function isExpired(error: unknown): boolean {
  return hasStatus(error, 410)
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status
}
