import type {
  CephFsAnswer,
  CephFsChange,
  CephFsChanges,
  CephFsOperation,
  CephFsOperations,
  DirectoryInfo,
  ListedDirectory,
  Survey,
} from '../../core/ceph/cephfs-operations.js'
import { ERRNO } from '../../core/ceph/errno.js'
import type { ErrorCode } from '../../core/error-codes.js'
import { CephflexError } from '../../core/errors.js'
import { changeDenied } from '../../core/provision/missing-caps.js'
import { openLineSession } from './line-session.js'

/** Disconnecting takes up to a second. A client that is killed keeps its capabilities for a minute. */
const CLOSE_GRACE_MS = 3_000

/** All paths are relative to claimRoot; '' is claimRoot itself. */
export type CephFsSession = {
  /**
   * @param create also creates claimRoot if it is missing.
   * @returns false if claimRoot is missing and `create` is false.
   * @throws CephflexError EREFUSED, EDENIED, ENOANSWER, ENOMDS, EPROVISION; ETIMEOUT, EPACKAGE.
   */
  connect: (create: boolean) => Promise<boolean>
  /** What is at each path, with the extended attributes of these names. @throws CephflexError EPROVISION. */
  look: (paths: readonly string[], names: readonly string[]) => Promise<DirectoryInfo[]>
  /** The directories in a directory, with the extended attributes of these names. @throws CephflexError EPROVISION. */
  list: (path: string, names: readonly string[]) => Promise<ListedDirectory[]>
  /**
   * Makes one change. A refusal is a return value (`code` is an errno): the caller knows which are acceptable.
   *
   * @throws CephflexError ENOCAPS.
   */
  change: <Change extends CephFsChange>(
    op: Change,
    fields: CephFsChanges[Change],
  ) => Promise<CephFsAnswer<null>>
  /**
   * Removes a directory with its content, for at most this time.
   *
   * @returns whether the directory is removed. If not, call it again.
   * @throws CephflexError EPROVISION.
   */
  purge: (path: string, seconds: number) => Promise<boolean>
  /**
   * Searches for snapshots of a directory and of those below it, and for directories below it with the attribute
   * `mark`, for at most this time.
   *
   * @returns the paths of the first ones. If it is undefined, call it again.
   * @throws CephflexError EPROVISION.
   */
  survey: (path: string, mark: string, seconds: number) => Promise<Survey | undefined>
  /** Ends the helper within 3 s. Pending requests are rejected. May be called twice. */
  close: () => Promise<void>
  /** Kills the helper at once. */
  kill: () => void
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  [ERRNO.notPermitted]: 'EDENIED',
  [ERRNO.accessDenied]: 'EREFUSED',
  [ERRNO.timedOut]: 'ENOANSWER',
}

/** libcephfs reports this when there is no active MDS. */
const NO_MDS = 65536

/**
 * Opens claimRoot of a file system in a helper process, without a mount.
 * Nothing is sent before `connect`.
 *
 * @param options `user` without `client.`; `settings` are Ceph options, which may
 *   include the key, since they are passed through stdin; `ranks` are those of
 *   the active MDS daemons; `timeoutMs` is the deadline of each request; `lease`
 *   is the name of a lock with one holder at a time: clients of its former
 *   holders are evicted.
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
  const { user, settings, fsName, ranks, claimRoot, timeoutMs, lease = null } = options
  const session = openLineSession('cephfs_session', [], {
    name: 'the client of the file system',
    library: { module: 'cephfs', package: 'python3-cephfs' },
    graceMs: CLOSE_GRACE_MS,
  })

  const ask = <Op extends CephFsOperation>(
    op: Op,
    fields: CephFsOperations[Op]['fields'],
    limitMs = timeoutMs,
  ) => session.exchange(op, fields, limitMs) as Promise<CephFsAnswer<CephFsOperations[Op]['result']>>

  const result = async <Op extends CephFsOperation>(...request: Parameters<typeof ask<Op>>) => {
    const answer = await ask(...request)
    if (answer.code !== 0) throw refusedChange(request[0], answer)
    return answer.result as CephFsOperations[Op]['result']
  }

  return {
    connect: async create => {
      const target = { user, settings, name: fsName, ranks, root: claimRoot, lease }
      const answer = await ask('connect', { ...target, create })
      if (answer.code === ERRNO.noEntry && !create) return false
      if (answer.code !== 0) throw connectError(user, claimRoot, answer)
      return true
    },
    look: (paths, names) => result('look', { paths, names }),
    list: (path, names) => result('list', { path, names }),
    change: async (op, fields) => {
      const answer = await ask(op, fields)
      if (answer.code !== ERRNO.accessDenied) return answer
      const path = `${claimRoot}/${'path' in fields ? fields.path : fields.old}`.replace(/\/$/, '')
      const attribute = 'name' in fields ? fields.name : undefined
      throw changeDenied(`client.${user}`, { path, attribute }, answer.error)
    },
    purge: (path, seconds) => result('purge', { path, seconds }, timeoutMs + seconds * 1000),
    survey: async (path, mark, seconds) =>
      (await result('survey', { path, mark, seconds }, timeoutMs + seconds * 1000)) ?? undefined,
    close: session.close,
    kill: session.kill,
  }
}

/** The error for a request that the file system refused. */
export function refusedChange(what: string, { code, error }: CephFsAnswer): CephflexError {
  return new CephflexError('EPROVISION', `${what} failed: ${error || `errno ${code}`}`)
}

function connectError(user: string, claimRoot: string, { code, error }: CephFsAnswer) {
  return new CephflexError(
    code === NO_MDS ? 'ENOMDS' : (CODES[code] ?? 'EPROVISION'),
    `client.${user} could not open ${claimRoot}: ${error}`,
    CODES[code] === 'EDENIED'
      ? {
          hint: `give client.${user} the mds caps "allow rwp" for ${claimRoot}, or for the whole file system`,
        }
      : {},
  )
}
