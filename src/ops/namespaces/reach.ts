import { CephflexError } from '../../core/errors.js'
import {
  FIRST_PID_NAMESPACE,
  isPassedOn,
  placeOf,
  propagationOf,
  RUNTIMES,
  shows,
} from '../../core/namespaces/reach.js'
import { type MountInfo, mountedOn, parseMountInfo, visibleAt } from '../../core/target/mount-table.js'
import { podVolumeOf } from '../../core/target/pod-volume.js'
import type { System } from '../../system/system.js'
import { linkOf, realPathIn } from './real-path-in.js'

/**
 * Checks that the mount on a pod's volume is visible to the container runtime. The kubelet, and so this process, may
 * have a mount namespace or a root directory of its own: the runtime then binds the empty directory below.
 *
 * Where the runtime cannot be asked, the propagation of the mount above decides. Costs one more reading of a mount
 * table where both have the same namespace.
 *
 * @throws CephflexError EHIDDEN
 */
export function requireReach(system: System, target: string): void {
  if (podVolumeOf(target) === undefined) return
  const table = system.mountInfo()
  const mount = mountedOn(table, target).at(-1)
  if (mount === undefined) return
  const isVisible = isVisibleToRuntime(system, target, mount) ?? isPassedOn(aboveOf(table, mount))
  if (!isVisible) throw hidden(system, target, mount)
}

/**
 * Whether the container runtime sees this mount on the target: process 1 of the node does, or a runtime itself.
 *
 * @returns undefined where neither can be asked, for example because of a PID namespace.
 */
export function isVisibleToRuntime(system: System, target: string, mount: MountInfo): boolean | undefined {
  const { processes } = system
  const node = tableOfNode(system)
  if (node !== undefined && showsMount(system, 1, target, mount, node)) return true
  const isRuntime = (pid: number) => RUNTIMES.includes(processes.processInfo(pid)?.name ?? '')
  if (processes.allPids().some(pid => isRuntime(pid) && showsMount(system, pid, target, mount))) return true
  return node === undefined ? undefined : false
}

/** Whether a process sees this mount on the target, by the links and mounts of its own root directory. */
function showsMount(
  system: System,
  pid: number,
  target: string,
  mount: MountInfo,
  table = system.mountInfo(pid),
): boolean {
  if (mountedOn(table, target).at(-1)?.id === mount.id) return true
  const entries = parseMountInfo(table)
  return shows(entries, realPathIn(system.files, rootOf(system, pid), target), mount)
}

/** The mount table of the node's own process 1; undefined if process 1 is another one, or its table cannot be read. */
export function tableOfNode(system: System): string | undefined {
  return pidNamespace(system) === FIRST_PID_NAMESPACE ? system.mountInfo(1) || undefined : undefined
}

/** The PID namespace whose processes /proc shows; undefined if that cannot be read. */
export function pidNamespace({ files }: System): string | undefined {
  return linkOf(files, '/proc/1/ns/pid') ?? linkOf(files, '/proc/self/ns/pid')
}

/** Whether a process has the mount namespace of this one, as far as can be told. */
export function sharesMounts({ files }: System, pid: number): boolean {
  const own = linkOf(files, '/proc/self/ns/mnt')
  return own !== undefined && linkOf(files, `/proc/${pid}/ns/mnt`) === own
}

/** The root directory of a process, as this one can access it. */
export function rootOf(system: System, pid: number): string {
  return `/proc/${viewerOf(system, pid)}/root`
}

/** A process that sees the files of `pid`: itself, or if it may not be inspected, as a protected process 1, another one. */
export function viewerOf(system: System, pid: number): number {
  const { files, processes } = system
  const root = (other: number) => visibleAt(parseMountInfo(system.mountInfo(other)), '/')?.id
  const isOpen = (other: number) => linkOf(files, `/proc/${other}/root`) === '/'
  if (isOpen(pid)) return pid
  const wanted = root(pid)
  return processes.allPids().find(other => isOpen(other) && root(other) === wanted) ?? pid
}

function aboveOf(table: string, { parent }: MountInfo): MountInfo | undefined {
  return parseMountInfo(table).find(({ id }) => id === parent)
}

function hidden(system: System, target: string, mount: MountInfo): CephflexError {
  const above = aboveOf(system.mountInfo(), mount)
  const elsewhere = placeOf(parseMountInfo(tableOfNode(system) ?? ''), mount)
  const parts = [
    `${target} was mounted, but the container runtime would not see it: this process has another mount namespace or root directory than the node`,
    elsewhere === undefined ? '' : `the node shows the mount on ${elsewhere}`,
    above === undefined || elsewhere !== undefined
      ? ''
      : `the mount above it, ${above.mountPoint}, is ${propagationOf(above)}`,
  ]
  return new CephflexError('EHIDDEN', parts.filter(Boolean).join('; '))
}
