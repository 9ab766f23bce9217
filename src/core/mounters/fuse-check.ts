/** What was found on the node; undefined means it is missing or cannot be opened. */
export type FuseFacts = {
  helper: string | undefined
  program: string | undefined
  /** Why /dev/fuse cannot be opened, as errno name; undefined if it can. */
  deviceProblem: string | undefined
}

/**
 * Whether ceph-fuse can be used on this node.
 *
 * @returns one reason for each missing part; none means it can.
 */
export function fuseProblems({ helper, program, deviceProblem }: FuseFacts): string[] {
  return [
    ...(helper === undefined ? ['mount.fuse.ceph is not in /sbin or /usr/sbin'] : []),
    ...(program === undefined ? ['ceph-fuse is not installed'] : []),
    ...(deviceProblem === undefined ? [] : [`/dev/fuse cannot be opened (${deviceProblem})`]),
  ]
}
