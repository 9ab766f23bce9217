import { FIRST_PID_NAMESPACE } from '../../core/namespaces/reach.js'
import type { System } from '../../system/system.js'
import { findKubelet } from '../kubelet/find-kubelet.js'
import { pidNamespace } from './reach.js'

/** Whether processes of the node may be hidden from this one: it is in a PID namespace without a kubelet. */
export function isBlind(system: System): boolean {
  const here = pidNamespace(system)
  return here !== undefined && here !== FIRST_PID_NAMESPACE && findKubelet(system) === undefined
}
