import { fieldAt, listAt, type UntypedObject } from '../../kubernetes/untyped-objects.js'
import { parseQuantity } from '../../provision/quantity.js'
import { printable } from '../../text/printable.js'
import { doubtful, type ObjectFinding, refused, type VolumeInObjects } from './finding.js'

const ACCESS_MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod']
const RECLAIM_POLICIES: readonly unknown[] = ['Retain', 'Delete', 'Recycle']
const MOUNT_OPTIONS_ANNOTATION = 'volume.beta.kubernetes.io/mount-options'

/** What is wrong with a PersistentVolume around its source. */
export function volumeFindings({ object, flex }: VolumeInObjects): ObjectFinding[] {
  const spec = object['spec']
  return [
    ...mountOptions(object),
    ...capacity(fieldAt(spec, 'capacity', 'storage')),
    ...accessModes(listAt(spec, 'accessModes')),
    ...volumeMode(fieldAt(spec, 'volumeMode')),
    ...reclaimPolicy(fieldAt(spec, 'persistentVolumeReclaimPolicy')),
    ...readOnly(listAt(spec, 'accessModes'), flex),
  ]
}

function mountOptions(object: unknown): ObjectFinding[] {
  const annotation = fieldAt(object, 'metadata', 'annotations', MOUNT_OPTIONS_ANNOTATION)
  const given = listAt(object, 'spec', 'mountOptions')
  if (given.length === 0 && !annotation) return []
  const field = given.length > 0 ? 'spec.mountOptions' : MOUNT_OPTIONS_ANNOTATION
  return [
    refused(
      'mountOptions',
      `the kubelet refuses ${field}: mount options are not supported for this volume type`,
      'move them to flexVolume.options.mountOptions',
    ),
  ]
}

function capacity(storage: unknown): ObjectFinding[] {
  if (storage === undefined || storage === null)
    return [
      refused(
        'capacity',
        'the API server refuses it: spec.capacity: Required value',
        'set spec.capacity.storage',
      ),
    ]
  try {
    parseQuantity(String(storage))
    return []
  } catch {
    return [
      refused(
        'capacity',
        `the API server refuses spec.capacity.storage ${printable(String(storage))}: it must be a positive quantity`,
        'set it to a size such as 1Gi',
      ),
    ]
  }
}

function accessModes(modes: unknown[]): ObjectFinding[] {
  const fix = 'set spec.accessModes to [ReadWriteMany]'
  if (modes.length === 0)
    return [refused('accessModes', 'the API server refuses it: spec.accessModes: Required value', fix)]
  const wrong = modes.find(mode => !ACCESS_MODES.includes(String(mode)))
  if (wrong !== undefined)
    return [
      refused(
        'accessModes',
        `the API server refuses it: spec.accessModes: Unsupported value: ${printable(String(wrong))}`,
        fix,
      ),
    ]
  if (modes.includes('ReadWriteOncePod'))
    return modes.length > 1
      ? [
          refused(
            'accessModes',
            'the API server refuses it: may not use ReadWriteOncePod with other access modes',
            fix,
          ),
        ]
      : [doubtful('accessModes', 'ReadWriteOncePod is only supported for CSI volumes', fix)]
  return []
}

/** Neither of the two fields that look like it makes the kubelet mount a PersistentVolume read-only. */
function readOnly(modes: unknown[], flex: UntypedObject): ObjectFinding[] {
  const isMeant =
    flex['readOnly'] === true || (modes.length > 0 && modes.every(mode => mode === 'ReadOnlyMany'))
  const options = fieldAt(flex, 'options', 'mountOptions')
  if (!isMeant || (typeof options === 'string' && options.split(',').includes('ro'))) return []
  return [
    doubtful(
      'readOnly',
      'the kubelet ignores flexVolume.readOnly of a PersistentVolume and ReadOnlyMany: only the caps keep pods from writing',
      "set readOnly in the pod's persistentVolumeClaim, or the option mountOptions to ro",
    ),
  ]
}

function volumeMode(mode: unknown): ObjectFinding[] {
  const fix = 'set spec.volumeMode to Filesystem'
  if (mode === undefined || mode === 'Filesystem') return []
  return mode === 'Block'
    ? [
        refused(
          'volumeMode',
          'the kubelet refuses volumeMode Block: flexVolume does not support block volumes',
          fix,
        ),
      ]
    : [
        refused(
          'volumeMode',
          `the API server refuses it: spec.volumeMode: Unsupported value: ${printable(String(mode))}`,
          fix,
        ),
      ]
}

function reclaimPolicy(policy: unknown): ObjectFinding[] {
  if (policy === undefined || RECLAIM_POLICIES.includes(policy)) return []
  return [
    refused(
      'persistentVolumeReclaimPolicy',
      `the API server refuses it: spec.persistentVolumeReclaimPolicy: Unsupported value: ${printable(String(policy))}`,
      'set it to Retain or Delete',
    ),
  ]
}
