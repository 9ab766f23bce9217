import { type MountInfo, parseMountInfo } from '../../core/target/mount-table.js'
import type { ProcessInfo } from '../../core/target/process.js'
import type { System } from '../../system/system.js'

/** The mount table of another mount namespace, and a process that lives there. */
export type Namespace = { process: ProcessInfo; mounts: readonly MountInfo[] }

/** The namespaces that have one of these file systems mounted elsewhere than on `target`: containers, at their own path. */
export function usersOf(system: System, devices: ReadonlySet<string>, target: string): Namespace[] {
  return otherNamespaces(system).filter(({ mounts }) =>
    mounts.some(({ device, mountPoint }) => devices.has(device) && mountPoint !== target),
  )
}

/** Every other mount namespace on the node, as its processes see it. Reads only /proc. */
export function otherNamespaces({ files, processes }: System): Namespace[] {
  const seen = new Set([files.link('/proc/self/ns/mnt')])
  return processes.allPids().flatMap(pid => {
    const id = files.link(`/proc/${pid}/ns/mnt`)
    if (id === undefined || seen.has(id)) return []
    seen.add(id)
    const info = processes.processInfo(pid)
    const text = readTable(files, pid)
    return info && text ? [{ process: info, mounts: parseMountInfo(text) }] : []
  })
}

/** Whether a namespace still shows a lost file system: no newer mount covers it there. */
export function exposesLost({ mounts }: Namespace, lost: ReadonlySet<string>, target: string): boolean {
  const topMounts = new Map(mounts.map(({ mountPoint, device }) => [mountPoint, device]))
  return [...topMounts].some(([mountPoint, device]) => lost.has(device) && mountPoint !== target)
}

function readTable(files: System['files'], pid: number): string | undefined {
  try {
    return files.read(`/proc/${pid}/mountinfo`)
  } catch {
    return undefined // it has just ended
  }
}
