import type { System } from '../../system/system.js'
import { findKubelet } from '../kubelet/find-kubelet.js'
import { sharesMounts } from '../namespaces/reach.js'
import type { BindTables } from './sub-paths.js'

/** Reads the tables that may have binds of the kubelet, once for all targets. A call of the kubelet needs only its own. */
export function readBindTables(system: System): BindTables {
  const own = system.mountInfo()
  const pid = findKubelet(system)?.pid
  if (pid === undefined || sharesMounts(system, pid)) return { own }
  return { own, kubelet: { pid, text: system.mountInfo(pid) } }
}
