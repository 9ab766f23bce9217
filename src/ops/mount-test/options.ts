import type { ObjectFinding } from '../../core/kubelet/objects/finding.js'
import type { StepResult } from '../../core/mount-test/steps.js'

export type MountTestOptions = {
  sizeMib: number
  /** Leaves the volume mounted and the files in it. */
  keep: boolean
  /** What the kubelet refuses; undefined without objects of Kubernetes. */
  findings?: readonly ObjectFinding[] | undefined
  onStep?: (result: StepResult) => void
}
