import type { Claim } from '../kubernetes/objects.js'
import { parseQuantity } from '../provision/quantity.js'

/** Conditions of a claim that is being expanded; those of errors end with the expansion, too. */
const CONDITIONS = ['Resizing', 'FileSystemResizePending', 'ControllerResizeError', 'NodeResizeError']

const STORAGE = 'storage'
const NONE = 2n ** 63n

/** Whether a claim shows an expansion that has not ended. */
export function isExpanding({ status = {} }: Claim): boolean {
  return (
    status.allocatedResourceStatuses?.[STORAGE] !== undefined ||
    (status.conditions ?? []).some(({ type }) => CONDITIONS.includes(type)) ||
    bytesOf(status.allocatedResources) < bytesOf(status.capacity)
  )
}

/** Without one, nothing is missing. */
function bytesOf(resources: Record<string, string> | undefined): bigint {
  const text = resources?.[STORAGE]
  return text === undefined ? NONE : parseQuantity(text)
}

/**
 * The status of a claim after its expansion, as a merge patch: what external-resizer leaves (markOverallExpansionAsFinished
 * in its pkg/controller/controller_utils.go). Kubernetes' own controller treats a FlexVolume as one that a kubelet has to
 * expand, which no kubelet does: it leaves `NodeResizePending` for ever.
 *
 * @param claim as it is now: a list of conditions replaces the whole list.
 */
export function expandedStatus({ status = {} }: Claim, storage: string): object {
  const { conditions, allocatedResources, allocatedResourceStatuses } = status
  return {
    capacity: { [STORAGE]: storage },
    ...(conditions && { conditions: conditions.filter(({ type }) => !CONDITIONS.includes(type)) }),
    ...(allocatedResources?.[STORAGE] !== undefined && { allocatedResources: { [STORAGE]: storage } }),
    ...(allocatedResourceStatuses?.[STORAGE] !== undefined && {
      allocatedResourceStatuses: { [STORAGE]: null },
    }),
  }
}
