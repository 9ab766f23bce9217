import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { mountedOn } from '../../core/target/mount-table.js'
import type { System } from '../../system/system.js'

const BIND_MS = 5_000

/** A mounted directory, and a path below it: empty for the directory itself. */
export type BindSource = { mount: string; within: string }

/**
 * Bind-mounts a directory of a mount on a target, and proves it by the mount table: the target then has the device of
 * that mount. A mount that is on the target already is covered.
 *
 * @param failure the message if it fails.
 * @throws CephflexError ENOMOUNT
 */
export async function bindMount(
  system: System,
  { mount, within }: BindSource,
  target: string,
  deadline: Deadline,
  failure: string,
): Promise<void> {
  const argv = ['-c', '--bind', within === '' ? mount : `${mount}/${within}`, target]
  const timeoutMs = deadline.share(1, 1_000, BIND_MS)
  const { exitCode, stderr } = await system.run('mount', argv, { timeoutMs })
  system.log('run', { argv: ['mount', ...argv], exitCode, stderr })
  const table = system.mountInfo()
  const device = mountedOn(table, mount).at(-1)?.device
  const isMounted = device !== undefined && mountedOn(table, target).at(-1)?.device === device
  if (exitCode !== 0 || !isMounted) throw new CephflexError('ENOMOUNT', `${failure}: ${stderr.trim()}`)
}
