import { flagValue, KUBELET_NAMES } from '../../core/kubelet/kubelet-flags.js'
import type { System } from '../../system/system.js'

const DEFAULT_ROOT = '/var/lib/kubelet'

/** Where the kubelet keeps its pods. */
export function kubeletRoot(system: System): string {
  const pid = findKubelet(system)
  const root = pid === undefined ? undefined : flagValue(system.processes.argvOf(pid), 'root-dir')
  return root?.startsWith('/') ? root.replace(/\/+$/, '') : DEFAULT_ROOT
}

/** The pid of the kubelet that runs here. */
export function findKubelet({ processes }: System): number | undefined {
  return processes.allPids().find(pid => {
    const info = processes.processInfo(pid)
    return info && info.state !== 'Z' && KUBELET_NAMES.includes(info.name)
  })
}
