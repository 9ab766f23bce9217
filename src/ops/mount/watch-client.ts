import type { ClientStatus } from '../../core/mounters/denial.js'
import type { System } from '../../system/system.js'
import type { Attempt } from './attempt.js'

/** For the admin socket of a client. */
const STATUS_MS = 500

/** A request that an MDS has, and a session that it has opened: fields of `mds_requests` and `mds_sessions`. */
type Requests = { request?: { mds?: number } }
type Sessions = { sessions?: readonly { mds?: number; state?: string }[] }

/**
 * Asks a daemon that still waits what it has heard from the cluster: after half of its time, and shortly before it
 * gives up. One that mounts is not asked: it takes milliseconds.
 *
 * @returns `end`, which returns the last answer; undefined if the monitors had not accepted the key at half-time.
 */
export function watchClient(
  system: System,
  { mounter, adminSocket, giveUpS }: Attempt,
): { end: () => Promise<ClientStatus | undefined> } {
  const answers: Promise<ClientStatus | undefined>[] = []
  const ask = () => {
    answers.push(statusOf(system, adminSocket))
  }
  const giveUpMs = giveUpS * 1000
  const times = mounter.daemon ? [giveUpMs / 2, giveUpMs - STATUS_MS] : []
  const timers = times.map(ms => setTimeout(ask, ms))
  return {
    end: async () => {
      for (const timer of timers) clearTimeout(timer)
      const [first, last] = await Promise.all(answers)
      return first?.id ? last : undefined
    },
  }
}

async function statusOf(system: System, adminSocket: string): Promise<ClientStatus | undefined> {
  const ask = (command: string) => system.askClient(adminSocket, command, STATUS_MS)
  const [status, requests, sessions] = (await Promise.all([
    ask('status'),
    ask('mds_requests'),
    ask('mds_sessions'),
  ])) as [ClientStatus | undefined, Requests | undefined, Sessions | undefined]
  const mds = requests?.request?.mds
  const isHeld = sessions?.sessions?.some(session => session.mds === mds && session.state === 'open') ?? false
  return status && { ...status, isHeld }
}
