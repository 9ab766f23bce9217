import type { System } from '../../system/system.js'

/**
 * Whether this process runs in a container, and /proc shows the node: then it has another pid there. So runs the installer
 * of the DaemonSet what it finds on the node: with the device rules of its own container, which say nothing about the
 * kubelet's.
 */
export function isGuest({ files }: System): boolean {
  const [, pids = ''] = /^NSpid:\s+(.*)$/m.exec(files.tryRead('/proc/self/status') ?? '') ?? []
  return /\s/.test(pids.trim())
}
