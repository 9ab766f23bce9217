/** The errno(3) numbers of Linux that this program handles in answers of Ceph. */
export const ERRNO = {
  notPermitted: 1,
  noEntry: 2,
  ioError: 5,
  accessDenied: 13,
  invalid: 22,
  notEmpty: 39,
  noData: 61,
  notSupported: 95,
  timedOut: 110,
} as const
