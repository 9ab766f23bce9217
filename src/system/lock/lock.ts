import { basename, dirname } from 'node:path/posix'
import { monotonicMs } from '../../core/clock.js'
import { CephflexError } from '../../core/errors.js'
import type { ProcessIdentity } from '../../core/target/process.js'
import { errno, files, noRunFile } from '../files.js'
import { isAlive } from '../processes.js'
import { announcePresence, watch } from './presence.js'

export type LockHolder = ProcessIdentity & { call: string; since: string }

export type Lock = {
  /** The previous holder, if it died before it released the lock: its call is unfinished. */
  abandonedBy?: LockHolder
  /** Why there is no lock, if the caller can do without: nothing stops a later call. */
  problem?: string
  release: () => void
}

/** Each attempt may take this long even if the time is up, so that a lock without a live holder is taken. */
const MIN_WAIT_MS = 50

let claims = 0

/**
 * Takes an exclusive lock that the kernel releases when this process exits, for
 * any reason. Node.js has no flock(2), and flock(1) costs a child process. So
 * the lock is a directory that contains the socket of its holder and nothing else.
 *
 * Each caller creates such a directory under a unique name, listens, and renames
 * it to the lock. The rename succeeds if the lock is missing or empty. If it is
 * taken, the caller connects to the socket and waits until the connection ends.
 * If the connection is refused, the holder is dead; the caller then removes the
 * socket, whose name is never used again.
 *
 * @param path the lock, in a directory that only root can enter.
 * @param isOptional go on without a lock where none can be made, for example on a full disk; still wait for a holder.
 * @throws CephflexError ELOCKED after `timeoutMs`, EINTERRUPTED, ENORUNDIR if the lock cannot be created.
 */
export async function takeLock(
  path: string,
  self: LockHolder,
  timeoutMs: number,
  signal?: AbortSignal,
  isOptional = false,
): Promise<Lock> {
  const end = monotonicMs() + timeoutMs
  try {
    return await enterLock(path, self, end, signal)
  } catch (error) {
    const known = noRunFile(path, error)
    if (!isOptional || known.code !== 'ENORUNDIR') throw known
    return waitUntilFree(path, known.message, end, signal)
  }
}

/** Reads the description of a holder, which is next to its lock; undefined if it is none. */
export function parseHolder(text: string | undefined): LockHolder | undefined {
  try {
    const holder: unknown = JSON.parse(text ?? '')
    return holder && typeof holder === 'object' && 'pid' in holder ? (holder as LockHolder) : undefined
  } catch {
    return undefined
  }
}

async function enterLock(
  path: string,
  self: LockHolder,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  sweepClaims(path)
  const claim = await makeClaim(path, self)
  try {
    while (!claim.enter()) await nextTry(path, end, signal)
    const abandonedBy = recordHolder(path, self)
    const release = () => {
      files.tryRemove(holderFile(path))
      claim.leave()
    }
    return abandonedBy ? { abandonedBy, release } : { release }
  } catch (error) {
    claim.leave()
    throw error
  }
}

/** Waits for the holder of a lock that this process cannot take. Needs no space. */
async function waitUntilFree(
  path: string,
  problem: string,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Lock> {
  try {
    while (files.list(path).length > 0) await nextTry(path, end, signal)
  } catch (error) {
    // a socket that a dead holder left, or what else stands there, can stay
    if (noRunFile(path, error).code !== 'ENORUNDIR') throw error
  }
  const abandonedBy = parseHolder(files.tryRead(holderFile(path)))
  if (abandonedBy) files.tryRemove(holderFile(path))
  return { problem, release: () => {}, ...(abandonedBy ? { abandonedBy } : {}) }
}

/** Waits until it makes sense to try the lock again. @throws CephflexError ELOCKED, EINTERRUPTED. */
async function nextTry(path: string, end: number, signal: AbortSignal | undefined): Promise<void> {
  const left = end - monotonicMs()
  const outcome = await waitForHolder(path, Math.max(MIN_WAIT_MS, left), signal)
  if (outcome === 'interrupted')
    throw new CephflexError('EINTERRUPTED', 'interrupted by a signal while waiting')
  if (outcome === 'timeout' || left < -MIN_WAIT_MS) {
    const holder = parseHolder(files.tryRead(holderFile(path)))
    throw new CephflexError('ELOCKED', `${describe(holder)} is still working on this target`)
  }
}

/** Removes the directories of processes that died while they waited for the lock. */
function sweepClaims(path: string): void {
  const [parent, prefix] = [dirname(path), `${basename(path)}.`]
  for (const name of files.list(parent)) {
    const [pid = '', startTime = '', count] = name.slice(prefix.length).split('.')
    if (!name.startsWith(prefix) || count === undefined || isAlive({ pid: Number(pid), startTime })) continue
    for (const socket of files.list(`${parent}/${name}`)) files.tryRemove(`${parent}/${name}/${socket}`)
    files.removeDirectory(`${parent}/${name}`)
  }
}

/** A directory with our socket, ready to become the lock. */
type LockClaim = { enter: () => boolean; leave: () => void }

async function makeClaim(path: string, { pid, startTime }: ProcessIdentity): Promise<LockClaim> {
  claims += 1
  const own = `${pid}.${startTime}.${claims}`
  let name = `${path}.${own}`
  files.makeDirectory(name, 0o700)
  const fd = files.openDirectory(name)
  const close = () => {
    files.removeDirectory(name)
    files.close(fd)
  }
  const presence = await announcePresence(fd, own).catch(error => {
    close()
    throw error
  })
  return {
    // rename(2) replaces a directory only if it is empty, so one of several callers succeeds
    enter: () => {
      try {
        files.rename(name, path)
        name = path
        return true
      } catch (error) {
        // older versions made a file
        if (errno(error) === 'ENOTDIR') files.remove(path)
        else if (errno(error) !== 'ENOTEMPTY' && errno(error) !== 'EEXIST') throw error
        return false
      }
    },
    leave: () => {
      presence.end()
      close()
    },
  }
}

/** Waits for the holder of the lock. Removes the socket of a dead one by its unique name, never a successor's. */
async function waitForHolder(path: string, timeoutMs: number, signal: AbortSignal | undefined) {
  const [holder] = files.list(path)
  if (holder === undefined) return 'ended'
  let fd: number
  try {
    fd = files.openDirectory(path)
  } catch {
    return 'ended'
  }
  try {
    const outcome = await watch(fd, holder, timeoutMs, signal)
    if (outcome === 'dead') files.remove(`${path}/${holder}`)
    return outcome
  } finally {
    files.close(fd)
  }
}

function describe(holder: LockHolder | undefined) {
  return holder ? `"${holder.call}" of pid ${holder.pid}, since ${holder.since}` : 'another call'
}

/** Records the new holder. @returns the record of the previous one, if that did not remove it. */
function recordHolder(path: string, self: LockHolder): LockHolder | undefined {
  const previous = parseHolder(files.tryRead(holderFile(path)))
  files.remove(holderFile(path))
  files.create(holderFile(path), JSON.stringify(self))
  return previous
}

/** The file next to the lock that describes its holder. */
function holderFile(path: string) {
  return `${path}.call`
}
