import { recordCompat, thisArch } from '../records/record-compat.js'
import { testRelease } from './matrix.js'

await testRelease('bookworm')

const cases = { passed: 0, failed: 0 }
recordCompat('ceph-bookworm', {
  area: 'ceph',
  subject: 'ceph-fuse',
  version: '15, 17 and 19',
  arch: thisArch(),
  cases,
  note: 'no Debian release has them',
})
recordCompat('ceph-bookworm', {
  area: 'ceph',
  subject: 'ceph-fuse',
  version: 'of any release',
  arch: 'arm64',
  cases,
  note: 'Debian has none: the kernel client is used there',
})
