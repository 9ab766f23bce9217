import { CEPHFS_SESSION_SOURCE, type CephFsAnswer } from '../../core/cephfs-session.js'
import { missingPackages } from '../../core/dev-cluster/packages.js'
import { CephflexError, type ErrorCode } from '../../core/errors.js'
import { ERRNO } from '../../core/rados-session.js'
import { openLineSession } from './line-session.js'

/** Leaving the file system takes up to a second; a client that was killed would keep its rights for a minute. */
const CLOSE_GRACE_MS = 3_000

/** What stands at a path: `attributes` are those asked for, null if not set. */
export type DirectoryInfo =
  | { kind: 'missing' | 'other' }
  | { kind: 'directory'; attributes: Record<string, string | null> }

export type ListedDirectory = { name: string; attributes: Record<string, string | null> }

/** All paths are relative to claimRoot; '' is claimRoot itself. */
export type CephFsSession = {
  /**
   * @param create also makes claimRoot if it is missing.
   * @returns false if claimRoot is missing and is not to be made.
   * @throws CephflexError EREFUSED, EDENIED, ENOANSWER, ENOMDS.
   */
  connect: (create: boolean) => Promise<boolean>
  look: (paths: readonly string[], names: readonly string[]) => Promise<DirectoryInfo[]>
  /** The directories in a directory. */
  list: (path: string, names: readonly string[]) => Promise<ListedDirectory[]>
  /** One change. @returns its errno: the caller knows which ones are fine. */
  change: (op: string, fields: object) => Promise<CephFsAnswer>
  /** Removes what is in a directory, and then itself, for some seconds. @returns whether all is gone. */
  purge: (path: string, seconds: number) => Promise<boolean>
  close: () => Promise<void>
  kill: () => void
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  [ERRNO.notPermitted]: 'EDENIED',
  [ERRNO.accessDenied]: 'EREFUSED',
  [ERRNO.timedOut]: 'ENOANSWER',
}

/** libcephfs says so when there is no MDS. */
const NO_MDS = 65536

/**
 * Opens claimRoot of a file system in the memory of one helper process.
 *
 * @param options `user` without `client.`; `settings` go through the helper's
 *   stdin and may hold the key; `lease` names a lock that only one holds at a
 *   time: clients of its former holders are evicted.
 */
export function openCephFsSession(options: {
  user: string
  settings: Readonly<Record<string, string>>
  fsName: string
  ranks: readonly number[]
  claimRoot: string
  timeoutMs: number
  lease?: string | undefined
}): CephFsSession {
  const { timeoutMs, ...target } = options
  const session = openLineSession(CEPHFS_SESSION_SOURCE, [], { graceMs: CLOSE_GRACE_MS, onEnd: endError })
  const ask = (op: string, fields: object, limitMs = timeoutMs) =>
    session.exchange({ op, ...fields }, limitMs) as Promise<CephFsAnswer>
  const result = async (op: string, fields: object, limitMs?: number): Promise<unknown> => {
    const answer = await ask(op, fields, limitMs)
    if (answer.code === 0) return answer.result
    throw refusedChange(op, answer)
  }
  return {
    connect: async create => {
      const answer = await ask('connect', { ...target, create })
      if (answer.code === ERRNO.noEntry && !create) return false
      if (answer.code !== 0) throw connectError(target.user, target.claimRoot, answer)
      return true
    },
    look: async (paths, names) => (await result('look', { paths, names })) as DirectoryInfo[],
    list: async (path, names) => (await result('list', { path, names })) as ListedDirectory[],
    change: ask,
    purge: async (path, seconds) => {
      const { done } = (await result('purge', { path, seconds }, timeoutMs + seconds * 1000)) as {
        done: boolean
      }
      return done
    },
    close: session.close,
    kill: session.kill,
  }
}

/** The error for a change that the file system refused. */
export function refusedChange(what: string, { code, error }: CephFsAnswer): CephflexError {
  return new CephflexError('EPROVISION', `${what} failed: ${error || `errno ${code}`}`)
}

function endError(stderr: string): CephflexError {
  if (/No module named '?cephfs/.test(stderr)) return missingPackages(['python3-cephfs'])
  const last = stderr.trim().split('\n').at(-1)
  return new CephflexError('ENOANSWER', `the client of the file system ended${last ? `: ${last}` : ''}`)
}

function connectError(user: string, claimRoot: string, { code, error }: CephFsAnswer) {
  return new CephflexError(
    code === NO_MDS ? 'ENOMDS' : (CODES[code] ?? 'EPROVISION'),
    `client.${user} could not open ${claimRoot}: ${error}`,
    CODES[code] === 'EDENIED'
      ? {
          hint: `give client.${user} the MDS caps "allow rwp" for ${claimRoot}, or for the whole file system`,
        }
      : {},
  )
}
