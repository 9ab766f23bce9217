import { fieldAt, listAt, type UntypedObject } from '../../kubernetes/untyped-objects.js'
import { printable } from '../../text/printable.js'
import { doubtful, type ObjectFinding, refused, type VolumeInObjects } from './finding.js'

const ENFORCE = 'pod-security.kubernetes.io/enforce'

/** What is wrong with a pod around its volume. */
export function podFindings(
  objects: readonly UntypedObject[],
  { podSpec, name, object }: VolumeInObjects,
  namespace: unknown,
): ObjectFinding[] {
  return [
    ...replaced(object, name),
    ...usage(podSpec, name),
    ...userNamespace(podSpec),
    ...security(objects, namespace),
  ]
}

/** @see kubernetes pkg/controller/statefulset/stateful_set_utils.go, updateStorage */
function replaced(object: UntypedObject, name: unknown): ObjectFinding[] {
  const claims = listAt(object, 'spec', 'volumeClaimTemplates')
  if (!claims.some(claim => fieldAt(claim, 'metadata', 'name') === name)) return []
  return [
    refused(
      'volumeClaimTemplates',
      `pods of the StatefulSet get a claim instead of the volume: volumeClaimTemplates has the name ${printable(String(name))}, too`,
      'give one of them another name',
    ),
  ]
}

function usage(podSpec: UntypedObject | undefined, name: unknown): ObjectFinding[] {
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap(list =>
    listAt(podSpec, list),
  )
  if (containers.length === 0) return []
  const uses = (list: string) =>
    containers.some(container => listAt(container, list).some(each => fieldAt(each, 'name') === name))
  if (uses('volumeDevices'))
    return [
      refused(
        'volumeDevices',
        `the API server refuses it: volume ${printable(String(name))} has volumeMode Filesystem, but is specified in volumeDevices`,
        'name it in volumeMounts',
      ),
    ]
  const mounts = containers.flatMap(container => listAt(container, 'volumeMounts'))
  return uses('volumeMounts')
    ? mounts.filter(mount => fieldAt(mount, 'name') === name).flatMap(subPath)
    : [
        doubtful(
          'volumeMounts',
          `no container uses the volume ${printable(String(name))}, so the kubelet does not mount it`,
          'name it in volumeMounts of a container',
        ),
      ]
}

function subPath(mount: unknown): ObjectFinding[] {
  const path = fieldAt(mount, 'subPath')
  if (typeof path !== 'string' || !(path.startsWith('/') || path.split('/').includes('..'))) return []
  return [
    refused(
      'subPath',
      `the API server refuses subPath ${printable(path)}: it must be a relative path without ".."`,
      'write the path below the directory of the volume, without "/" at its start',
    ),
  ]
}

/** A container runtime maps the owners of each volume of such a pod, which FUSE does not support (EINVAL). */
function userNamespace(podSpec: UntypedObject | undefined): ObjectFinding[] {
  if (fieldAt(podSpec, 'hostUsers') !== false) return []
  return [
    doubtful(
      'hostUsers',
      'containers of a pod with hostUsers: false do not start with a volume of ceph-fuse: FUSE does not support ID-mapped mounts',
      'remove hostUsers: false, or set mounter: kernel on nodes with Linux 6.7 or newer',
    ),
  ]
}

function security(objects: readonly UntypedObject[], namespace: unknown): ObjectFinding[] {
  const isRestricted = objects.some(
    object =>
      object['kind'] === 'Namespace' &&
      fieldAt(object, 'metadata', 'labels', ENFORCE) === 'restricted' &&
      fieldAt(object, 'metadata', 'name') === namespace,
  )
  return isRestricted
    ? [
        refused(
          'podSecurity',
          'the API server refuses the pod: violates PodSecurity "restricted": restricted volume types (flexVolume)',
          'use a PersistentVolume and a claim, which PodSecurity allows',
        ),
      ]
    : []
}
