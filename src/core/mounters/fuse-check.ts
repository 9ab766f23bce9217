import type { FoundParts } from './mounter.js'

/**
 * Whether ceph-fuse can be used on this node.
 *
 * @returns one reason for each missing part; empty if it can.
 */
export function fuseProblems({ helper, program, deviceProblem }: FoundParts): string[] {
  return [
    ...(helper === undefined ? ['mount.fuse.ceph is not in /sbin or /usr/sbin'] : []),
    ...(program === undefined ? ['ceph-fuse is not installed'] : []),
    ...(deviceProblem === undefined ? [] : [`/dev/fuse cannot be opened (${deviceProblem})`]),
  ]
}
