import { basename, dirname } from 'node:path/posix'
import { monotonicMs } from '../core/clock.js'
import { CephflexError } from '../core/errors.js'
import type { ProcessIdentity } from '../core/target/process.js'
import { errno, files } from './files.js'
import { announcePresence, watch } from './presence.js'
import { isAlive } from './processes.js'

export type LockHolder = ProcessIdentity & { call: string; since: string }

export type Lock = {
  /** Who held it and died without releasing it: that call was cut off in the middle. */
  abandonedBy?: LockHolder
  release: () => void
}

/** A lock that nobody holds is looked at once, however short the wait. */
const LEAST_WAIT_MS = 50

let claims = 0

/**
 * Takes an exclusive lock that the kernel drops when this process ends,
 * however it ends. Node has no flock(2), and flock(1) costs a child; so the
 * lock is a directory that holds the socket of its holder and nothing else.
 *
 * Each caller makes such a directory under a name of its own, listens, and
 * renames it to the lock, which succeeds if that is missing or empty. Who finds
 * it taken connects, and waits for the end of the connection; who is refused
 * knows the holder dead, and removes its socket, whose name is never used again.
 *
 * @param path its name, in a directory that only root can enter.
 * @throws CephflexError ELOCKED after `timeoutMs`, EINTERRUPTED, ENORUNDIR if there can be no socket.
 */
export async function takeLock(
  path: string,
  self: LockHolder,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Lock> {
  const end = monotonicMs() + timeoutMs
  sweepClaims(path)
  const claim = await makeClaim(path, self).catch(error => {
    throw new CephflexError('ENORUNDIR', `${path} cannot be locked: ${errno(error)}`)
  })
  try {
    while (!claim.enter()) {
      const left = end - monotonicMs()
      const outcome = await waitForHolder(path, Math.max(LEAST_WAIT_MS, left), signal)
      if (outcome === 'interrupted')
        throw new CephflexError('EINTERRUPTED', 'interrupted by a signal while waiting')
      if (outcome === 'late' || left < -LEAST_WAIT_MS) {
        const holder = parseHolder(files.read(noteOf(path)))
        throw new CephflexError('ELOCKED', `${describe(holder)} is still working on this target`)
      }
    }
    const abandonedBy = succeed(path, self)
    const release = () => {
      files.remove(noteOf(path))
      claim.leave()
    }
    return abandonedBy ? { abandonedBy, release } : { release }
  } catch (error) {
    claim.leave()
    throw error
  }
}

/** Removes what a process left that died before it had the lock. */
function sweepClaims(path: string): void {
  const [parent, prefix] = [dirname(path), `${basename(path)}.`]
  for (const name of files.list(parent)) {
    const [pid = '', startTime = '', count] = name.slice(prefix.length).split('.')
    if (!name.startsWith(prefix) || count === undefined || isAlive({ pid: Number(pid), startTime })) continue
    for (const socket of files.list(`${parent}/${name}`)) files.remove(`${parent}/${name}/${socket}`)
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
    // rename(2) replaces an empty directory, and no other: of all who try, one succeeds
    enter: () => {
      try {
        files.rename(name, path)
        name = path
        return true
      } catch (error) {
        // with older builds it was a file
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

/** Waits for who holds the lock. One that died is shown out by its own name: what others put there since stays. */
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

/** Notes who holds the lock now. @returns what the one before noted, if it did not come to removing it. */
function succeed(path: string, self: LockHolder): LockHolder | undefined {
  const before = parseHolder(files.read(noteOf(path)))
  files.remove(noteOf(path))
  files.create(noteOf(path), JSON.stringify(self))
  return before
}

function parseHolder(text: string | undefined): LockHolder | undefined {
  try {
    const holder: unknown = JSON.parse(text ?? '')
    return holder && typeof holder === 'object' && 'pid' in holder ? (holder as LockHolder) : undefined
  } catch {
    return undefined
  }
}

/** What the holder writes about itself, beside the lock. */
function noteOf(path: string) {
  return `${path}.call`
}
