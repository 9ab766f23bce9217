import { type FuseFacts, fuseProblems } from '../../core/mounters/fuse-check.js'
import type { System } from '../../system/system.js'

/** Also where the kubelet's own CephFS plugin looked; a node may have it elsewhere in `searchPath`. */
const HELPERS = ['/sbin/mount.fuse.ceph', '/usr/sbin/mount.fuse.ceph']

/**
 * Whether ceph-fuse can be used on this node: its mount helper is there, the
 * program is found, and /dev/fuse opens.
 *
 * @returns a reason for each part that is missing; none means it can.
 */
export function checkFuseMount(system: System): string[] {
  return fuseProblems(fuseFacts(system))
}

/** What of ceph-fuse is on this node. */
export function fuseFacts({ files, find }: System): FuseFacts {
  return {
    helper: HELPERS.find(files.isExecutable) ?? find('mount.fuse.ceph'),
    program: find('ceph-fuse'),
    deviceProblem: files.openProblem('/dev/fuse'),
  }
}
