import t from 'tap'
import { type ErrorCode, EXPLANATIONS } from '../../../src/core/error-codes.js'
import { CephflexError } from '../../../src/core/errors.js'
import { allFailed, mayFallBack } from '../../../src/core/mounters/fallback.js'

const ANSWERS = ['EHELD', 'EREFUSED', 'EBLOCKED', 'EDENIED', 'ENOPATH', 'ENOTDIR', 'ENOFS']
const NOT_THE_CLIENT = [
  'EINTERRUPTED',
  'ENOTARGET',
  'ENOTEMPTY',
  'EOCCUPIED',
  'ENORUNDIR',
  'ENOTOOL',
  'EFSGROUP',
  'EHIDDEN',
  'EBADKEY',
  'EBADCONFIG',
  'ENOHOST',
  'EBUG',
]

for (const code of Object.keys(EXPLANATIONS) as ErrorCode[]) {
  const never = [...ANSWERS, ...NOT_THE_CLIENT].includes(code)
  t.equal(
    mayFallBack(new CephflexError(code, '')),
    !never,
    `after ${code} the kernel client is ${never ? 'not ' : ''}tried`,
  )
}

const fail = (code: ErrorCode, message: string) => new CephflexError(code, message)
const bothFailed = (fuse: CephflexError, kernel: CephflexError) =>
  allFailed([
    { client: 'fuse', error: fuse },
    { client: 'kernel', error: kernel },
  ])

const CODES: [fuse: ErrorCode, kernel: ErrorCode, both: ErrorCode, rule: string][] = [
  ['ENOFUSE', 'EREFUSED', 'EREFUSED', 'an answer of the cluster takes precedence'],
  ['ENOANSWER', 'EDENIED', 'EDENIED', 'also if the first client got no answer'],
  [
    'ENOFUSE',
    'ENOANSWER',
    'ENOANSWER',
    'the error of a client that ran takes precedence over one that could not run',
  ],
  ['ENOFUSE', 'ENOKERNEL', 'ENOFUSE', 'neither could run: the hint is to install the first one'],
  ['ENOANSWER', 'ENOKERNEL', 'ENOANSWER', 'the client that ran counts'],
  ['ENOANSWER', 'ENOMDS', 'ENOANSWER', 'ceph-fuse is more exact than the kernel'],
]
for (const [fuse, kernel, both, rule] of CODES) {
  const error = bothFailed(fail(fuse, 'first'), fail(kernel, 'second'))
  t.equal(error.code, both, `${fuse} and ${kernel}: ${rule}`)
  t.equal(error.hint, EXPLANATIONS[both].fix, `${fuse} and ${kernel}: the hint belongs to the code`)
  t.equal(
    error.message,
    'fuse: first; kernel: second',
    `${fuse} and ${kernel}: both reasons are in the message`,
  )
}
const own = new CephflexError('EREFUSED', 'no', { hint: 'do this' })
t.equal(bothFailed(fail('ENOFUSE', 'x'), own).hint, 'do this', 'a hint of its own is kept')

const alone = fail('ENOPATH', 'no such path')
t.equal(allFailed([{ client: 'fuse', error: alone }]), alone, 'one client: its own error')
const signal = fail('EINTERRUPTED', 'a signal')
t.equal(bothFailed(alone, signal), signal, 'after a signal nothing else is reported')
