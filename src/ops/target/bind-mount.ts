import type { Deadline } from '../../core/deadline.js'
import { CephflexError } from '../../core/errors.js'
import { missingOptions } from '../../core/sharing/bind-options.js'
import { mountedOn, parseMountInfo } from '../../core/target/mount-table.js'
import { errno } from '../../system/files.js'
import { optional, type RunResult } from '../../system/run.js'
import type { HeldDirectory } from '../../system/safe-path.js'
import type { System } from '../../system/system.js'
import { requireTarget } from './require-target.js'

const BIND_MS = 5_000
/** A directory that somebody moves in a loop may have another path again when umount looks. */
const TRIES = 20

/** A mounted directory, and a path below it: empty for the directory itself. */
export type BindSource = { mount: string; within: string }

/**
 * Bind-mounts a directory of a mount on a target, and proves it by the mount table: the target then has the device of
 * that mount, and the options. A mount that is on the target already is covered. The target is held open, so that a name
 * above it that becomes a link cannot redirect the mount. What has been mounted is removed again on failure.
 *
 * @param options the mount options of the target, if they are not those of the source.
 * @param failure the message if it fails.
 * @throws CephflexError ENOMOUNT, ENOTARGET if the target no longer exists or its path leads elsewhere
 */
export async function bindMount(
  system: System,
  { mount, within }: BindSource,
  target: string,
  deadline: Deadline,
  failure: string,
  options: readonly string[] = [],
): Promise<void> {
  const source = within === '' ? mount : `${mount}/${within}`
  const before = new Set(parseMountInfo(system.mountInfo()).map(({ id }) => id))
  await withHeld(system, target, async held => {
    const argv = ['-c', '--bind', source]
    const { exitCode, stderr } = await run(system, argv, { target, held }, deadline)
    const table = system.mountInfo()
    const device = mountedOn(table, mount).at(-1)?.device
    const isBound =
      exitCode === 0 && device !== undefined && mountedOn(table, target).at(-1)?.device === device
    if (isBound) return
    await takeBack(system, held, device, before)
    requireTarget(system, target)
    throw new CephflexError('ENOMOUNT', `${failure}: ${stderr.trim()}`)
  })
  await setOptions(system, target, options, deadline, failure)
}

/** Sets the options that the source has not: a bind mount takes over those of its source. */
async function setOptions(
  system: System,
  target: string,
  options: readonly string[],
  deadline: Deadline,
  failure: string,
): Promise<void> {
  const missing = () => {
    const top = mountedOn(system.mountInfo(), target).at(-1)
    return top === undefined ? options : missingOptions(top, options)
  }
  if (missing().length === 0) return
  const argv = ['-c', '-o', `remount,bind,${options.join(',')}`]
  const { stderr } = await withHeld(system, target, held => run(system, argv, { target, held }, deadline))
  const left = missing()
  if (left.length === 0) return
  const reason = `the kernel did not set ${left.join(',')} for it: ${stderr.trim()}`
  throw new CephflexError('ENOMOUNT', `${failure}: ${reason}`)
}

async function withHeld<T>(
  system: System,
  target: string,
  work: (held: HeldDirectory) => Promise<T>,
): Promise<T> {
  const held = hold(system, target)
  try {
    return await work(held)
  } finally {
    held.close()
  }
}

function hold(system: System, target: string): HeldDirectory {
  let problem = 'its path leads elsewhere, because a directory above it is a symbolic link'
  try {
    const held = system.files.holdDirectory(target)
    if (held !== undefined) return held
  } catch (error) {
    problem = errno(error)
  }
  requireTarget(system, target)
  throw new CephflexError('ENOTARGET', `${target} cannot be opened: ${problem}`)
}

/** Removes what was mounted on the held directory, which may have another path now. */
async function takeBack(
  system: System,
  held: HeldDirectory,
  device: string | undefined,
  before: ReadonlySet<number>,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const place = held.place()
    const top = mountedOn(system.mountInfo(), place).at(-1)
    if (top === undefined || top.device !== device || before.has(top.id)) return
    system.log('misplaced', { mountPoint: place })
    await optional(system.run('umount', ['-c', '-l', '--', place], { timeoutMs: BIND_MS, isCleanup: true }))
  }
}

async function run(
  system: System,
  argv: readonly string[],
  { target, held }: { target: string; held: HeldDirectory },
  deadline: Deadline,
): Promise<RunResult> {
  const timeoutMs = deadline.share(1, 1_000, BIND_MS)
  const result = await system.run('mount', [...argv, held.path], { timeoutMs })
  // the path of the held directory tells a person nothing
  const stderr = result.stderr.replaceAll(held.path, target)
  system.log('run', { argv: ['mount', ...argv, target], exitCode: result.exitCode, stderr })
  return { ...result, stderr }
}
