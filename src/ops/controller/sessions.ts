import { type ErrorCode, toCephflexError } from '../../core/errors.js'
import type { Parameters } from '../../core/provision/parameters.js'
import { shortHash } from '../../core/text/short-hash.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import type { System } from '../../system/system.js'
import { type AdminAccess, openProvisioner, type Provisioner } from '../provision/provisioner.js'
import { adminAccessOfClass } from './admin.js'

export type OpenSession = { provisioner: Provisioner; access: AdminAccess }

/** Removing files takes long and is done in a session of its own, so that nobody waits for it. */
export type Purpose = 'make' | 'remove'

export type Sessions = {
  /** Does work in the session of a cluster; it stays open for the next one. @throws what opening it and `work` throw. */
  use: <T>(parameters: Parameters, purpose: Purpose, work: (opened: OpenSession) => Promise<T>) => Promise<T>
  count: () => number
  close: () => Promise<void>
}

/** After this a session is made anew: keys, pools and what the cluster offers may have changed. */
const LONGEST_MS = 10 * 60_000

/** After these the session is as good as before. */
const HARMLESS: readonly ErrorCode[] = ['EBADVOLUME', 'ENOTOURS', 'ENOVOLUME', 'ESHRINK', 'EAPI']

type Session = {
  opening: Promise<OpenSession>
  users: number
  sinceMs: number
  isOver: boolean
  /** Resolves when it is closed. */
  closed: Promise<void>
  hasClosed: () => void
}

/**
 * One session for each cluster and purpose, made when it is first needed.
 * A session in which something failed is not used again.
 *
 * @param lease the uid of the lease that this replica holds; no other cluster of Kubernetes
 *   has it. A leader that was stopped and comes back is shut out of the file system.
 */
export function makeSessions(system: System, client: KubeClient, lease: string): Sessions {
  const latest = new Map<string, Session>()
  const all = new Set<Session>()

  const open = async (
    parameters: Parameters,
    id: string,
    after: Promise<void> | undefined,
  ): Promise<OpenSession> => {
    // a second one would shut the first one out
    await after
    const access = await adminAccessOfClass(system, client, parameters)
    const provisioner = await openProvisioner(system, { ...access, lease: `${lease}.${shortHash(id)}` })
    return { provisioner, access }
  }

  const closeIfDone = async (session: Session): Promise<void> => {
    if (session.users > 0 || !session.isOver || !all.delete(session)) return
    await session.opening.then(({ provisioner }) => provisioner.close()).catch(() => undefined)
    session.hasClosed()
  }

  const retire = async (session: Session): Promise<void> => {
    session.isOver = true
    await closeIfDone(session)
  }

  const sessionFor = (parameters: Parameters, id: string): Session => {
    const old = latest.get(id)
    const isOld = old && old.users === 0 && performance.now() - old.sinceMs > LONGEST_MS
    if (old && isOld) void retire(old)
    if (old && !old.isOver) return old
    let hasClosed = () => {}
    const closed = new Promise<void>(done => {
      hasClosed = done
    })
    const opening = open(parameters, id, old?.closed)
    const session = { opening, users: 0, sinceMs: performance.now(), isOver: false, closed, hasClosed }
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
        if (!HARMLESS.includes(toCephflexError(error).code)) session.isOver = true
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
