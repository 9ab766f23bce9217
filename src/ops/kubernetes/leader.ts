import { setTimeout as delay } from 'node:timers/promises'
import { CephflexError } from '../../core/errors.js'
import { isConflict } from '../../core/kubernetes/api-error.js'
import { type LeaseTimes, leaseTimes } from '../../core/kubernetes/lease.js'
import type { Lease } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { type Elector, type LeaseOptions, makeElector } from './elector.js'

/**
 * Acquires the lease, runs `work` while it holds it, and releases it.
 *
 * @param work ends soon after its signal is aborted. The lease is held until then, unless it was lost.
 * @throws CephflexError ELEASE if it was lost: the process must exit, as another replica may lead now. What `work` throws.
 */
export async function lead(
  client: KubeClient,
  options: LeaseOptions,
  signal: AbortSignal,
  work: (lease: Lease, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const times = leaseTimes(options.seconds)
  const elector = makeElector(client, options, times)
  const lease = await acquire(elector, times, options.onProblem, signal)
  if (lease === undefined) return
  const renewing = new AbortController()
  const losing = new AbortController()
  const renewal = renew(elector, times, options, renewing.signal).catch((error: unknown) => {
    losing.abort(error)
  })
  const isLost = new Promise<never>((_, reject) => {
    losing.signal.addEventListener('abort', () => reject(losing.signal.reason), { once: true })
  })
  try {
    // does not wait for `work` once the lease is lost: another replica begins soon
    await Promise.race([work(lease, AbortSignal.any([signal, losing.signal])), isLost])
  } finally {
    renewing.abort()
    await renewal
    if (!losing.signal.aborted) await elector.release().catch(options.onProblem)
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
      // another replica was faster
      if (!isConflict(error)) onProblem(error as Error)
    }
    await delay(retryMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
  }
  return undefined
}

/** Renews until `until` is aborted. @throws CephflexError ELEASE if it failed for too long or another replica took the lease. */
async function renew(
  elector: Elector,
  { deadlineMs, retryMs }: LeaseTimes,
  options: LeaseOptions,
  until: AbortSignal,
): Promise<void> {
  for (let renewedMs = performance.now(); ; ) {
    await delay(retryMs, undefined, { signal: until }).catch(() => undefined)
    if (until.aborted) return
    const nowMs = performance.now()
    // this process may have been suspended for a while
    if (nowMs - renewedMs > deadlineMs) throw lost(options.name, 'not renewed in time')
    if (await renewOnce(elector, options)) renewedMs = nowMs
  }
}

/** Renews once. @returns whether this process certainly holds the lease; false if the try failed. */
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
