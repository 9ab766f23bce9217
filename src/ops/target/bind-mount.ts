import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { missingOptions } from '../../core/sharing/bind-options.js'
import { mountedOn } from '../../core/target/mount-table.js'
import type { RunResult } from '../../system/run.js'
import type { System } from '../../system/system.js'
import { requireTarget } from './require-target.js'

const BIND_MS = 5_000

/** A mounted directory, and a path below it: empty for the directory itself. */
export type BindSource = { mount: string; within: string }

/**
 * Bind-mounts a directory of a mount on a target, and proves it by the mount table: the target then has the device of
 * that mount, and the options. A mount that is on the target already is covered.
 *
 * @param options the mount options of the target, if they are not those of the source.
 * @param failure the message if it fails.
 * @throws CephflexError ENOMOUNT, ENOTARGET if the target no longer exists
 */
export async function bindMount(
  system: System,
  { mount, within }: BindSource,
  target: string,
  deadline: Deadline,
  failure: string,
  options: readonly string[] = [],
): Promise<void> {
  const flags = options.length === 0 ? [] : ['-o', options.join(',')]
  const source = within === '' ? mount : `${mount}/${within}`
  const bound = await run(system, ['-c', '--bind', ...flags, source, target], deadline)
  const table = system.mountInfo()
  const device = mountedOn(table, mount).at(-1)?.device
  const top = mountedOn(table, target).at(-1)
  if (bound.exitCode !== 0 || device === undefined || top?.device !== device) {
    requireTarget(system, target)
    throw new CephflexError('ENOMOUNT', `${failure}: ${bound.stderr.trim()}`)
  }
  if (missingOptions(top, options).length === 0) return
  // mount(8) before util-linux 2.27 ignores the options of a bind mount
  const { stderr } = await run(system, ['-c', '-o', `remount,bind,${options.join(',')}`, target], deadline)
  const remounted = mountedOn(system.mountInfo(), target).at(-1)
  const left = remounted === undefined ? options : missingOptions(remounted, options)
  if (left.length === 0) return
  const reason = `the kernel did not set ${left.join(',')} for it: ${stderr.trim()}`
  throw new CephflexError('ENOMOUNT', `${failure}: ${reason}`)
}

async function run(system: System, argv: readonly string[], deadline: Deadline): Promise<RunResult> {
  const result = await system.run('mount', argv, { timeoutMs: deadline.share(1, 1_000, BIND_MS) })
  system.log('run', { argv: ['mount', ...argv], exitCode: result.exitCode, stderr: result.stderr })
  return result
}
