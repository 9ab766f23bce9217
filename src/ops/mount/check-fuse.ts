import { type FuseFacts, fuseProblems } from '../../core/mounters/fuse-check.js'
import type { System } from '../../system/system.js'

/** Where the kubelet's own CephFS plugin looked, too. A node may have the helper elsewhere in `searchPath`. */
const HELPERS = ['/sbin/mount.fuse.ceph', '/usr/sbin/mount.fuse.ceph']

/**
 * Checks that ceph-fuse can be used on this node: its mount helper and the
 * program exist, and /dev/fuse opens.
 *
 * @returns a reason for each missing part; empty if it can be used.
 */
export function checkFuseMount(system: System): string[] {
  return fuseProblems(fuseFacts(system))
}

/** The parts of ceph-fuse on this node. */
export function fuseFacts({ files, find }: System): FuseFacts {
  return {
    helper: HELPERS.find(files.isExecutable) ?? find('mount.fuse.ceph'),
    program: find('ceph-fuse'),
    deviceProblem: files.openProblem('/dev/fuse'),
  }
}
