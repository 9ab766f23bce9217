import { clientOfDaemon } from '../../core/mounters/index.js'
import type { ClientState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'
import { lifeOf } from '../namespaces/client-life.js'

/** The field of a client's status, in newer and older releases, that is true once it is blocklisted. */
const BLOCKLISTED_FIELDS = ['blocklisted', 'blacklisted']

/** Whether a client with a daemon reports that the cluster has evicted it. False without an answer in time. */
export async function isEvicted(
  { askClient }: System,
  { adminSocket }: ClientState,
  timeoutMs: number,
): Promise<boolean> {
  const status = await askClient(adminSocket, 'status', timeoutMs)
  return (
    typeof status === 'object' &&
    status !== null &&
    Object.entries(status).some(([name, value]) => BLOCKLISTED_FIELDS.includes(name) && value === true)
  )
}

/**
 * Kills a client with a daemon that the cluster has evicted. Only when its volume is no longer mounted, or mounted again:
 * it can neither read nor write any more, and what it had not written is lost. A program that had asked it for something
 * may wait for minutes, and keeps it running meanwhile; now that gets an error.
 */
export function endEvicted(system: System, state: ClientState): void {
  const { processes } = system
  if (state.process === undefined || lifeOf(system, state) !== 'alive') return
  const { pid } = state.process
  const isClient =
    clientOfDaemon(processes.processInfo(pid)?.name) !== undefined &&
    processes.argvOf(pid).some(arg => arg.includes(state.adminSocket))
  if (isClient && processes.sendSignal(state.process, 'SIGKILL')) system.log('evicted client killed', { pid })
}
