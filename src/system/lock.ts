import { monotonicMs } from '../core/clock.js'
import { DriverError } from '../core/errors.js'
import type { ProcessIdentity } from '../core/process.js'
import { files } from './files.js'
import type { Run } from './run.js'

export type LockHolder = ProcessIdentity & { call: string; since: string }

export type Lock = {
  /** Who held it and died without releasing it: that call was cut off in the middle. */
  abandonedBy?: LockHolder
  release: () => void
}

/** Exit code of flock(1) that no other failure has. */
const TAKEN = 75

const parseHolder = (text: string): LockHolder | undefined => {
  try {
    const holder: unknown = JSON.parse(text)
    return holder && typeof holder === 'object' && 'pid' in holder ? (holder as LockHolder) : undefined
  } catch {
    return undefined
  }
}

const describe = (holder: LockHolder | undefined) =>
  holder ? `"${holder.call}" of pid ${holder.pid}, since ${holder.since}` : 'another call'

/** A call that stops waiting may have made the file; only who holds the lock may remove it. */
const giveUp = async (run: Run, path: string, fd: number): Promise<void> => {
  const { exitCode } = await run('flock', ['-x', '-n', '3'], { timeoutMs: 1_000, fd, isCleanup: true })
  if (exitCode === 0 && files.isSameFile(fd, path)) files.remove(path)
}

/** One try with flock(1). @returns undefined if the file lost its name meanwhile: try again. */
const tryLock = async (
  run: Run,
  path: string,
  self: LockHolder,
  waitMs: number,
): Promise<Lock | DriverError | undefined> => {
  const fd = files.openLock(path)
  const argv = ['-x', '-E', String(TAKEN), '-w', (waitMs / 1000).toFixed(2), '3']
  const result = await run('flock', argv, { timeoutMs: waitMs + 1_000, fd })
  const holder = parseHolder(files.readFd(fd))
  if (result.exitCode === 0 && files.isSameFile(fd, path)) {
    files.overwriteFd(fd, JSON.stringify(self))
    const release = () => {
      files.remove(path)
      files.close(fd)
    }
    return holder ? { abandonedBy: holder, release } : { release }
  }
  if (result.interrupted) await giveUp(run, path, fd)
  files.close(fd)
  if (result.interrupted) return new DriverError('EINTERRUPTED', 'ended by a signal while waiting')
  if (result.startProblem)
    return new DriverError('ENOTOOL', 'flock is not installed', { hint: 'install util-linux' })
  if (result.exitCode === 0) return undefined
  return new DriverError('ELOCKED', `${describe(holder)} still works on this target`)
}

/**
 * Takes an exclusive lock that the kernel drops when this process ends,
 * however it ends. Node has no flock(2); flock(1) locks the open file that it
 * inherits, and the lock stays with this process when flock(1) is gone.
 *
 * The file is removed while the lock is held, so a holder checks afterwards
 * that it locked the file that has the name now, and else tries again.
 *
 * @throws DriverError ELOCKED after `timeoutMs`, EINTERRUPTED, ENOTOOL without flock(1).
 */
export const takeLock = async (
  run: Run,
  path: string,
  self: LockHolder,
  timeoutMs: number,
): Promise<Lock> => {
  const end = monotonicMs() + timeoutMs
  for (;;) {
    const result = await tryLock(run, path, self, Math.max(0, end - monotonicMs()))
    if (result instanceof DriverError) throw result
    if (result) return result
  }
}
