import { type CephflexError, toCephflexError } from '../../core/errors.js'
import { allFailed, type Failure, mayFallBack } from '../../core/mounters/fallback.js'
import { type Client, clientsFor, mounters } from '../../core/mounters/index.js'
import { sharesClient } from '../../core/sharing/shared-volume.js'
import type { System } from '../../system/system.js'
import { mountShared } from '../sharing/mount-shared.js'
import { attemptLimit, type MountCall } from './call.js'
import { mountWith } from './mount-with.js'
import { requireClient } from './require-client.js'

/** Part of the time that a client gets if another one can follow. */
const SHARE = 0.6

/**
 * Mounts with the first client of the volume that succeeds.
 *
 * @returns the client, and why the first one failed if it was not that.
 * @throws CephflexError what {@link mountWith} throws, the code of a client that cannot be used, or one error for all
 *   that were tried.
 */
export async function mountWithAny(
  system: System,
  call: MountCall,
): Promise<{ client: Client; fellBackFrom?: CephflexError }> {
  const clients = clientsFor(call.volume.mounter)
  const failures: Failure[] = []
  for (const client of clients) {
    const isLast = client === clients.at(-1)
    const error = await failureOf(system, call, client, isLast ? 1 : SHARE)
    const [first] = failures
    if (error === undefined) return { client, ...(first && { fellBackFrom: first.error }) }
    failures.push({ client, error })
    if (!mayFallBack(error)) break
    if (!isLast) system.log('fallback', { code: error.code, message: error.message })
  }
  throw allFailed(failures)
}

/** Why this client failed; undefined if it has mounted. */
async function failureOf(
  system: System,
  call: MountCall,
  client: Client,
  part: number,
): Promise<CephflexError | undefined> {
  try {
    requireClient(system, mounters[client])
    if (sharesClient(call.volume, mounters[client])) await mountShared(system, call, client, part)
    else await mountWith(system, call, client, attemptLimit(call.deadline, part))
    return undefined
  } catch (error) {
    return toCephflexError(error)
  }
}
