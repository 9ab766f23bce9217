import type { ClientState } from '../../core/target/state.js'
import type { System } from '../../system/system.js'

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
