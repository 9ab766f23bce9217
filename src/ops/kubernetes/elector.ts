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
  /** The identity of this process, unique among all that ever ask for this lease. */
  me: string
  seconds: number
  /** Called with the reason if the lease could not be read or written. The next try follows. */
  onProblem: (error: Error) => void
}

/** A candidate for a lease. */
export type Elector = {
  /** Acquires or renews. @returns the lease if this process holds it now. */
  tryOnce: () => Promise<Lease | undefined>
  release: () => Promise<void>
}

/** Makes a candidate that reads and writes a lease. */
export function makeElector(client: KubeClient, options: LeaseOptions, { deadlineMs }: LeaseTimes): Elector {
  const { namespace, name, me, seconds } = options
  const path = pathOf.lease(namespace, name)
  // a hung request must leave time for another try
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
    // with the version that was read: if two replicas take it at once, the API refuses one
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
