import { basename, dirname } from 'node:path/posix'
import { CephflexError } from '../../core/errors.js'
import { type PodVolume, podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { nodeConfigPath } from '../config/read-node-config.js'

/**
 * The target as the kernel shows it in mountinfo. For a pod's volume, follows
 * links above the kubelet's `pods` and accepts none below it. For another
 * directory, follows links in its parents. Missing parents stay as they are.
 * Does not touch the target itself, since it may have a dead mount.
 *
 * An unmount does not look at `kubeletRoots`: what was mounted below another
 * root directory must be unmounted, too.
 *
 * @throws CephflexError EBADREQUEST if the kubelet passes anything but a pod's volume, or one that is
 *   not below `kubeletRoots`; or if a directory of a pod's volume is a link, is not owned by root
 *   or can be written by others.
 */
export function resolveTarget(system: System, target: string, call: 'mount' | 'unmount' = 'mount'): string {
  const podVolume = podVolumeOf(target)
  if (podVolume !== undefined) {
    const { path, pods } = resolvePodVolume(system, podVolume)
    if (system.caller === 'kubelet' && call === 'mount') checkRoot(system, pods)
    return path
  }
  if (system.caller === 'kubelet')
    throw new CephflexError('EBADREQUEST', `${target} is not KUBELET/pods/UID/volumes/VENDOR~DRIVER/NAME`, {
      hint: `to mount on another directory, run "cephflex mount DIR JSON" by hand`,
    })
  return join(realParent(system, dirname(target)), basename(target))
}

/** Nothing below `pods` may lead elsewhere, or be changed by others between this check and the mount. */
function resolvePodVolume(
  system: System,
  { pods, uid, plugin, volume }: PodVolume,
): { path: string; pods: string } {
  const names = [uid, 'volumes', plugin]
  const unsafe = system.files.unsafeComponent(pods, names)
  if (unsafe !== undefined)
    throw new CephflexError('EBADREQUEST', unsafe, { hint: `inspect it with "ls -ld"` })
  const realPods = realParent(system, pods)
  return { path: [realPods, ...names, volume].join('/'), pods: realPods }
}

function checkRoot({ config, files }: System, pods: string): void {
  const { kubeletRoots } = config
  if (kubeletRoots.length === 0) return
  const isKnown = kubeletRoots.some(root => join(files.realPath(root) ?? root, 'pods') === pods)
  if (isKnown) return
  const root = dirname(pods)
  throw new CephflexError(
    'EBADREQUEST',
    `${pods} is not the directory "pods" of ${kubeletRoots.join(' or ')}`,
    {
      hint: `if ${root} is the root directory of the kubelet, add it to "kubeletRoots" in ${nodeConfigPath()} on this node`,
    },
  )
}

function realParent(system: System, parent: string): string {
  return system.files.realPath(parent) ?? join(realParent(system, dirname(parent)), basename(parent))
}

function join(parent: string, name: string) {
  return `${parent === '/' ? '' : parent}/${name}`
}
