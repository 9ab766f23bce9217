import type { ErrorCode } from '../error-codes.js'
import { CephflexError } from '../errors.js'
import { type Client, mounters } from './index.js'

/** A client that was tried, and why it failed. */
export type Failure = { client: Client; error: CephflexError }

/** The cluster itself refused: another client would get the same answer. */
const REFUSED_BY_CLUSTER: readonly ErrorCode[] = [
  'EREFUSED',
  'EBLOCKED',
  'EDENIED',
  'EHELD',
  'ENOPATH',
  'ENOTDIR',
  'ENOFS',
]

/** Whether another client may succeed where one failed with this error. */
export function mayFallBack({ code, isFinal }: CephflexError): boolean {
  return !isFinal && !NOT_THE_CLIENT.includes(code)
}

/** One error for several failed clients, with all messages, and the code and hint of the most specific one. */
export function allFailed(failures: readonly Failure[]): CephflexError {
  const last = failures.at(-1)?.error
  if (last && (failures.length === 1 || last.code === 'EINTERRUPTED')) return last
  const { code, hint } = failures.reduce(moreSpecific).error
  const reasons = failures.map(({ client, error }) => `${client}: ${error.message}`)
  return new CephflexError(code, reasons.join('; '), { hint })
}

/** Failures that do not depend on the client: the cause is the cluster, the call, the node or the target. */
const NOT_THE_CLIENT: readonly ErrorCode[] = [
  ...REFUSED_BY_CLUSTER,
  'EINTERRUPTED',
  'EBADKEY',
  'EBADCONFIG',
  'ENOHOST',
  'ENOTARGET',
  'ENOTEMPTY',
  'EOCCUPIED',
  'ENORUNDIR',
  'ENOTOOL',
  'EFSGROUP',
  'EHIDDEN',
  'EBUG',
]

/** The one to report, of a client and one that was tried after it. */
function moreSpecific(first: Failure, next: Failure): Failure {
  if (REFUSED_BY_CLUSTER.includes(next.error.code)) return next
  return isUnusable(first) && !isUnusable(next) ? next : first
}

function isUnusable({ client, error }: Failure): boolean {
  return error.code === mounters[client].unusable
}
