import type { ErrorCode } from '../error-codes.js'
import { CephflexError } from '../errors.js'

/** The cluster itself refused: the other client would get the same answer. */
const REFUSED_BY_CLUSTER: readonly ErrorCode[] = [
  'EREFUSED',
  'EBLOCKED',
  'EDENIED',
  'ENOPATH',
  'ENOTDIR',
  'ENOFS',
]

/** Whether the kernel client may succeed where ceph-fuse failed with this code. */
export function mayFallBack(code: ErrorCode): boolean {
  return !NOT_THE_CLIENT.includes(code)
}

/** One error for two failed clients, with both messages, and the code and hint of the more specific one. */
export function bothFailed(fuse: CephflexError, kernel: CephflexError): CephflexError {
  return new CephflexError(
    codeOfBoth(fuse.code, kernel.code),
    `fuse: ${fuse.message}; kernel: ${kernel.message}`,
    {
      ...(codeOfBoth(fuse.code, kernel.code) === kernel.code ? { hint: kernel.hint } : { hint: fuse.hint }),
    },
  )
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

function codeOfBoth(fuse: ErrorCode, kernel: ErrorCode): ErrorCode {
  if (REFUSED_BY_CLUSTER.includes(kernel)) return kernel
  return fuse === 'ENOFUSE' && kernel !== 'ENOKERNEL' ? kernel : fuse
}
