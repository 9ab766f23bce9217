import type { ClientStatus } from '../../core/mounters/denial.js'
import type { System } from '../../system/system.js'
import type { Attempt } from './attempt.js'

/** For the admin socket of a client. */
const STATUS_MS = 500

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
  const answers: Promise<unknown>[] = []
  const ask = () => {
    answers.push(system.askClient(adminSocket, 'status', STATUS_MS))
  }
  const giveUpMs = giveUpS * 1000
  const times = mounter.daemon ? [giveUpMs / 2, giveUpMs - STATUS_MS] : []
  const timers = times.map(ms => setTimeout(ask, ms))
  return {
    end: async () => {
      for (const timer of timers) clearTimeout(timer)
      const [first, last] = (await Promise.all(answers)) as (ClientStatus | undefined)[]
      return first?.id ? last : undefined
    },
  }
}
