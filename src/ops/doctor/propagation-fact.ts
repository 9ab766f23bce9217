import type { NodeFacts } from '../../core/doctor/node-facts.js'
import {
  isPassedOn,
  isSamePlace,
  propagationOf,
  RUNTIMES,
  reachesMount,
} from '../../core/namespaces/reach.js'
import { type MountInfo, parseMountInfo, visibleAt } from '../../core/target/mount-table.js'
import type { System } from '../../system/system.js'
import { findKubelet } from '../kubelet/find-kubelet.js'
import { rootOf, tableOfNode } from '../namespaces/reach.js'
import { realPathIn } from '../namespaces/real-path-in.js'

type Fact = NodeFacts['propagation']
type Place = { path: string; mount: MountInfo }

/** Whether mounts below the kubelet's root directory reach the container runtime, by the mount tables of both. */
export function propagationFact(system: System): Fact {
  const kubelet = findKubelet(system)
  if (kubelet === undefined) return undefined
  const { pid, rootDir } = kubelet
  const own = placeIn(system, pid, rootDir)
  if (own === undefined)
    return { reaches: undefined, why: `the mount table of process ${pid} cannot be read` }
  const isNode = tableOfNode(system) !== undefined
  const views = [...(isNode ? [1] : []), ...runtimesOf(system)]
  if (views.some(view => placeIn(system, view, rootDir)?.mount.id === own.mount.id))
    return { reaches: true, why: 'the kubelet and the container runtime have the same mount namespace' }
  const node = isNode ? placeIn(system, 1, rootDir) : undefined
  return node === undefined
    ? withoutNode(own)
    : compared(`${rootDir} of the kubelet, process ${pid},`, own, node)
}

/** What a process has at the directory of the pods. */
function placeIn(system: System, pid: number, rootDir: string): Place | undefined {
  const path = realPathIn(system.files, rootOf(system, pid), `${rootDir}/pods`)
  const mount = visibleAt(parseMountInfo(system.mountInfo(pid)), path)
  return mount && { path, mount }
}

function runtimesOf({ processes }: System): number[] {
  return processes.allPids().filter(pid => RUNTIMES.includes(processes.processInfo(pid)?.name ?? ''))
}

function withoutNode({ mount }: Place): Fact {
  if (isPassedOn(mount)) return { reaches: true, why: `${mount.mountPoint} of the kubelet is shared` }
  return { reaches: undefined, why: 'this process does not see the mounts of the node' }
}

function compared(subject: string, own: Place, node: Place): Fact {
  if (!isSamePlace(own, node)) return { reaches: false, why: `${subject} is another directory of the node` }
  if (reachesMount(own.mount, node.mount))
    return { reaches: true, why: `mounts in ${subject} reach the node` }
  return {
    reaches: false,
    why: `${subject} is on a ${propagationOf(own.mount)} mount, ${own.mount.mountPoint}: its mounts do not reach the container runtime`,
  }
}
