import type { ErrorCode } from '../error-codes.js'
import { CephflexError } from '../errors.js'

/** The cluster itself said no: another client would get the same answer. */
const CLUSTER_ANSWERS: readonly ErrorCode[] = [
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

/** One error for two failed clients, with both reasons and the code that says more. */
export function bothFailed(fuse: CephflexError, kernel: CephflexError): CephflexError {
  return new CephflexError(
    codeOfBoth(fuse.code, kernel.code),
    `fuse: ${fuse.message}; kernel: ${kernel.message}`,
    {
      ...(codeOfBoth(fuse.code, kernel.code) === kernel.code ? { hint: kernel.hint } : { hint: fuse.hint }),
    },
  )
}

/** Nothing to do with the client either: the call, the node or the target is the cause. */
const NOT_THE_CLIENT: readonly ErrorCode[] = [
  ...CLUSTER_ANSWERS,
  'EINTERRUPTED',
  'EBADKEY',
  'ENOHOST',
  'ENOTARGET',
  'ENOTEMPTY',
  'EOCCUPIED',
  'ENORUNDIR',
  'EFSGROUP',
  'EBUG',
]

function codeOfBoth(fuse: ErrorCode, kernel: ErrorCode): ErrorCode {
  if (CLUSTER_ANSWERS.includes(kernel)) return kernel
  return fuse === 'ENOFUSE' && kernel !== 'ENOKERNEL' ? kernel : fuse
}
