import { setTimeout as delay } from 'node:timers/promises'
import { CephflexError } from '../../core/errors.js'
import { isConflict } from '../../core/kubernetes/api-error.js'
import { type LeaseTimes, leaseTimes } from '../../core/kubernetes/lease.js'
import type { Lease } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { type Elector, type LeaseOptions, makeElector } from './elector.js'

/**
 * Waits for the lease, works while it holds it, and gives it back.
 *
 * @param work ends soon after its signal is aborted. The lease is kept until it has, unless it was lost.
 * @throws CephflexError ELEASE if it was lost: the process must end, as another one may work now. What `work` throws.
 */
export async function lead(
  client: KubeClient,
  options: LeaseOptions,
  signal: AbortSignal,
  work: (lease: Lease, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const times = leaseTimes(options.seconds)
  const self = makeElector(client, options, times)
  const lease = await acquire(self, times, options.onProblem, signal)
  if (lease === undefined) return
  const renewing = new AbortController()
  const losing = new AbortController()
  const kept = renew(self, times, options, renewing.signal).catch((error: unknown) => {
    losing.abort(error)
  })
  const isLost = new Promise<never>((_, reject) => {
    losing.signal.addEventListener('abort', () => reject(losing.signal.reason), { once: true })
  })
  try {
    // what is lost is not waited for: the time until another one begins is short
    await Promise.race([work(lease, AbortSignal.any([signal, losing.signal])), isLost])
  } finally {
    renewing.abort()
    await kept
    if (!losing.signal.aborted) await self.release().catch(options.onProblem)
  }
}

async function acquire(
  { tryOnce }: Elector,
  { retryMs }: LeaseTimes,
  onProblem: (error: Error) => void,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  while (!signal.aborted) {
    try {
      const lease = await tryOnce()
      if (lease) return lease
    } catch (error) {
      // somebody else was faster
      if (!isConflict(error)) onProblem(error as Error)
    }
    await delay(retryMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
  }
  return undefined
}

/** Renews until `until` is aborted. @throws CephflexError ELEASE if it was not possible for too long. */
async function renew(
  self: Elector,
  { deadlineMs, retryMs }: LeaseTimes,
  options: LeaseOptions,
  until: AbortSignal,
): Promise<void> {
  for (let goodMs = performance.now(); ; ) {
    await delay(retryMs, undefined, { signal: until }).catch(() => undefined)
    if (until.aborted) return
    const nowMs = performance.now()
    // this process may have been stopped for a while
    if (nowMs - goodMs > deadlineMs) throw lost(options.name, 'not renewed in time')
    if (await renewOnce(self, options)) goodMs = nowMs
  }
}

/** Renews once. @returns whether it is certain that the lease is ours; a try that failed says nothing. */
async function renewOnce({ tryOnce }: Elector, { name, onProblem }: LeaseOptions): Promise<boolean> {
  const lease = await tryOnce().catch((error: Error) => error)
  if (lease === undefined) throw lost(name, 'taken over by another replica')
  if (!(lease instanceof Error)) return true
  onProblem(lease)
  return false
}

function lost(name: string, how: string) {
  return new CephflexError('ELEASE', `the lease ${name} was ${how}`)
}
