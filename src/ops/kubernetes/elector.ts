import {
  decideLease,
  freedLease,
  type LeaseDecision,
  type LeaseTimes,
  newLease,
  type Observation,
} from '../../core/kubernetes/lease.js'
import { type Lease, pathOf } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { find } from './api.js'

export type LeaseOptions = {
  namespace: string
  name: string
  /** Unique for each process that ever asks for this lease. */
  me: string
  seconds: number
  /** Hears why the lease could not be read or written; it is tried again. */
  onProblem: (error: Error) => void
}

/** Somebody who wants a lease. */
export type Elector = {
  /** @returns the lease if it is ours now. */
  tryOnce: () => Promise<Lease | undefined>
  release: () => Promise<void>
}

/** Reads and writes a lease for one candidate. */
export function makeElector(client: KubeClient, options: LeaseOptions, { deadlineMs }: LeaseTimes): Elector {
  const { namespace, name, me, seconds } = options
  const path = pathOf.lease(namespace, name)
  // a request that hangs must not use up the time in which another try could succeed
  const limit = { timeoutMs: deadlineMs / 2 }
  let observed: Observation = { version: undefined, atMs: 0 }

  const write = (lease: Lease | undefined, decision: LeaseDecision): Promise<Lease> | undefined => {
    if (decision.do === 'wait') return undefined
    if (lease === undefined || decision.do === 'make') {
      const object = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace },
        spec: newLease(me, seconds, new Date()),
      }
      return client.create<Lease>(pathOf.lease(namespace), object, limit)
    }
    // with the version that was read: of two that take it at once, one is refused
    return client.replace<Lease>(path, { ...lease, spec: decision.spec }, limit)
  }

  return {
    tryOnce: async () => {
      const lease = await find<Lease>(client, path, limit)
      const nowMs = performance.now()
      const version = lease?.metadata.resourceVersion
      if (version !== observed.version) observed = { version, atMs: nowMs }
      const decision = decideLease(lease, { me, seconds, observed, nowMs, now: new Date() })
      return write(lease, decision)
    },
    release: async () => {
      const lease = await find<Lease>(client, path)
      if (lease?.spec?.holderIdentity !== me) return
      await client.replace(path, { ...lease, spec: freedLease(lease.spec, new Date()) }, limit)
    },
  }
}
