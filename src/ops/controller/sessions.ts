import type { ErrorCode } from '../../core/error-codes.js'
import { toCephflexError } from '../../core/errors.js'
import type { Parameters } from '../../core/provision/parameters.js'
import { shortHash } from '../../core/text/short-hash.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import type { System } from '../../system/system.js'
import { type AdminAccess, openProvisioner, type Provisioner } from '../provision/provisioner.js'
import { adminAccessOfClass } from './admin.js'

export type OpenSession = { provisioner: Provisioner; access: AdminAccess }

/** Removing files takes long. It has its own session, so that creating volumes does not wait for it. */
export type Purpose = 'make' | 'remove'

export type Sessions = {
  /** Runs `work` in the session of a cluster, which stays open for the next. @throws what opening it and `work` throw. */
  use: <T>(parameters: Parameters, purpose: Purpose, work: (session: OpenSession) => Promise<T>) => Promise<T>
  count: () => number
  close: () => Promise<void>
}

/** An older session is replaced: keys, pools and features of the cluster may have changed. */
const MAX_AGE_MS = 10 * 60_000

/** Errors after which the session can still be used. */
const HARMLESS_CODES: readonly ErrorCode[] = [
  'EBADVOLUME',
  'ENOTOURS',
  'ENOVOLUME',
  'ESHRINK',
  'ESNAPSHOTS',
  'EAPI',
]

type Session = {
  opening: Promise<OpenSession>
  users: number
  sinceMs: number
  isRetired: boolean
  /** Resolves when it is closed. */
  closed: Promise<void>
  resolveClosed: () => void
}

/**
 * Keeps one session for each cluster and purpose, opened when first needed.
 * Does not reuse a session in which something failed.
 *
 * @param lease the uid of the Lease that this replica holds, unique across Kubernetes clusters. A
 *   former leader that was suspended and resumes has been evicted from the file system.
 */
export function makeSessions(system: System, client: KubeClient, lease: string): Sessions {
  const latest = new Map<string, Session>()
  const all = new Set<Session>()

  const open = async (
    parameters: Parameters,
    id: string,
    after: Promise<void> | undefined,
  ): Promise<OpenSession> => {
    // a second session would evict the first
    await after
    const access = await adminAccessOfClass(system, client, parameters)
    const provisioner = await openProvisioner(system, { ...access, lease: `${lease}.${shortHash(id)}` })
    return { provisioner, access }
  }

  const closeIfDone = async (session: Session): Promise<void> => {
    if (session.users > 0 || !session.isRetired || !all.delete(session)) return
    await session.opening.then(({ provisioner }) => provisioner.close()).catch(() => undefined)
    session.resolveClosed()
  }

  const retire = async (session: Session): Promise<void> => {
    session.isRetired = true
    await closeIfDone(session)
  }

  const sessionFor = (parameters: Parameters, id: string): Session => {
    const old = latest.get(id)
    const isOld = old && old.users === 0 && performance.now() - old.sinceMs > MAX_AGE_MS
    if (old && isOld) void retire(old)
    if (old && !old.isRetired) return old
    let resolveClosed = () => {}
    const closed = new Promise<void>(done => {
      resolveClosed = done
    })
    const opening = open(parameters, id, old?.closed)
    const session = { opening, users: 0, sinceMs: performance.now(), isRetired: false, closed, resolveClosed }
    latest.set(id, session)
    all.add(session)
    return session
  }

  return {
    use: async (parameters, purpose, work) => {
      const session = sessionFor(parameters, identity(parameters, purpose))
      session.users += 1
      try {
        return await work(await session.opening)
      } catch (error) {
        if (!HARMLESS_CODES.includes(toCephflexError(error).code)) session.isRetired = true
        throw error
      } finally {
        session.users -= 1
        await closeIfDone(session)
      }
    },
    count: () => all.size,
    close: async () => {
      await Promise.all([...all].map(retire))
    },
  }
}

function identity(parameters: Parameters, purpose: Purpose): string {
  const { monitors, cluster, adminId, adminSecretName, adminSecretNamespace, ...rest } = parameters
  const { secretFile, fsName, claimRoot, backend } = rest
  const who = [monitors, cluster, adminId, adminSecretName, adminSecretNamespace, secretFile]
  return JSON.stringify([purpose, ...who, fsName, claimRoot, backend])
}
