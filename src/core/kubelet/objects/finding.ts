import type { UntypedObject } from '../../kubernetes/untyped-objects.js'

/** Something in the objects of a volume because of which the kubelet does not call the driver, or calls it differently. */
export type ObjectFinding = {
  /** `warn`: the driver is called. */
  status: 'fail' | 'warn'
  field: string
  /** In the words of the kubelet or the API server. */
  message: string
  fix: string
}

/** A volume with flexVolume, where it was found, and everything else in the same file. */
export type VolumeInObjects = {
  flex: UntypedObject
  name: unknown
  /** The PersistentVolume, pod or workload. */
  object: UntypedObject
  /** The part with `volumes`; undefined for a PersistentVolume. */
  podSpec?: UntypedObject
}

export function refused(field: string, message: string, fix: string): ObjectFinding {
  return { status: 'fail', field, message, fix }
}

export function doubtful(field: string, message: string, fix: string): ObjectFinding {
  return { status: 'warn', field, message, fix }
}
