/** What ceph-fuse needs on the node. A path is undefined if the program is missing. */
export type FuseFacts = {
  helper: string | undefined
  program: string | undefined
  /** The errno name, if /dev/fuse cannot be opened. */
  deviceProblem: string | undefined
}

/**
 * Whether ceph-fuse can be used on this node.
 *
 * @returns one reason for each missing part; empty if it can.
 */
export function fuseProblems({ helper, program, deviceProblem }: FuseFacts): string[] {
  return [
    ...(helper === undefined ? ['mount.fuse.ceph is not in /sbin or /usr/sbin'] : []),
    ...(program === undefined ? ['ceph-fuse is not installed'] : []),
    ...(deviceProblem === undefined ? [] : [`/dev/fuse cannot be opened (${deviceProblem})`]),
  ]
}
