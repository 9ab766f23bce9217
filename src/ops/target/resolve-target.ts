import { basename, dirname } from 'node:path/posix'
import { CephflexError } from '../../core/errors.js'
import { type PodVolume, podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'

/**
 * The target as the kernel shows it in mountinfo. For a pod's volume, follows
 * links above the kubelet's `pods` and accepts none below it. For another
 * directory, follows links in its parents. Missing parents stay as they are.
 * Does not touch the target itself, since it may have a dead mount.
 *
 * @throws CephflexError EBADREQUEST if the kubelet passes anything but a pod's volume, or one that is
 *   not below `kubeletRoots`; or if a directory of a pod's volume is a link, is not owned by root
 *   or can be written by others.
 */
export function resolveTarget(system: System, target: string): string {
  const podVolume = podVolumeOf(target)
  if (podVolume !== undefined) return resolvePodVolume(system, podVolume)
  if (system.caller === 'kubelet') refuse(`${target} is not KUBELET/pods/UID/volumes/VENDOR~DRIVER/NAME`)
  return join(realParent(system, dirname(target)), basename(target))
}

/** Nothing below `pods` may lead elsewhere, or be changed by others between this check and the mount. */
function resolvePodVolume(system: System, { pods, uid, plugin, volume }: PodVolume): string {
  const names = [uid, 'volumes', plugin]
  const unsafe = system.files.unsafeComponent(pods, names)
  if (unsafe !== undefined)
    throw new CephflexError('EBADREQUEST', unsafe, { hint: `inspect it with "ls -ld"` })
  const realPods = realParent(system, pods)
  if (system.caller === 'kubelet') checkRoot(system, realPods)
  return [realPods, ...names, volume].join('/')
}

function checkRoot({ config, files }: System, pods: string): void {
  const { kubeletRoots } = config
  if (kubeletRoots.length === 0) return
  const isKnown = kubeletRoots.some(root => join(files.realPath(root) ?? root, 'pods') === pods)
  if (!isKnown) refuse(`${pods} is not the directory "pods" of ${kubeletRoots.join(' or ')}`)
}

function refuse(message: string): never {
  throw new CephflexError('EBADREQUEST', message, {
    hint: 'to mount on another directory, run "cephflex mount DIR JSON" by hand; see kubeletRoots in the node configuration',
  })
}

function realParent(system: System, parent: string): string {
  return system.files.realPath(parent) ?? join(realParent(system, dirname(parent)), basename(parent))
}

function join(parent: string, name: string) {
  return `${parent === '/' ? '' : parent}/${name}`
}
