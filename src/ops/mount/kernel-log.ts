import type { Deadline } from '../../core/deadline.js'
import { optional } from '../../system/run.js'
import type { System } from '../../system/system.js'
import type { Attempt } from './attempt.js'

const DMESG_MS = 2_000

/**
 * Watches what a client in the kernel logs from now on: all after the last line so far, as kernel timestamps use another
 * clock.
 *
 * @returns what returns the new lines; none for a client that does not log there.
 */
export async function watchKernelLog(
  system: System,
  { mounter, deadline, limit }: Attempt,
): Promise<() => Promise<string>> {
  if (!mounter.logsToKernel) return async () => ''
  const last = (await kernelLog(system, limit)).at(-1) ?? ''
  return async () => {
    const lines = await kernelLog(system, deadline)
    const newLines = lines.slice(lines.lastIndexOf(last) + 1)
    return newLines.filter(line => /(?:lib)?ceph: /.test(line)).join('\n')
  }
}

async function kernelLog({ run }: System, deadline: Deadline): Promise<string[]> {
  const timeoutMs = deadline.share(0.5, 100, DMESG_MS)
  const result = await optional(run('dmesg', [], { timeoutMs, isCleanup: true }))
  return (result?.stdout ?? '').split('\n').filter(Boolean)
}
