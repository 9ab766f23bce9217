/** Numbers of errno(3) on Linux that an answer of Ceph can have and that mean something here, by meaning. */
export const ERRNO = {
  notPermitted: 1,
  noEntry: 2,
  ioError: 5,
  accessDenied: 13,
  invalid: 22,
  noData: 61,
  timedOut: 110,
} as const
