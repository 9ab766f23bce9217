import type { Lease } from './objects.js'

/**
 * Times of leader election, all derived from one number, in the proportions of Kubernetes' own controllers (15, 10 and
 * 2 s).
 */
export type LeaseTimes = {
  /** How long candidates wait after the last change that they saw before they take the lease. */
  durationMs: number
  /** A leader that could not renew for this long stops, well before another may start. */
  deadlineMs: number
  /** Between two attempts. */
  retryMs: number
}

/**
 * The version of the lease that a candidate saw last, and when it first saw it, by its own monotonic clock: the clocks
 * of nodes differ.
 */
export type Observation = { version: string | undefined; atMs: number }

export type LeaseDecision = { do: 'make' } | { do: 'take'; spec: NonNullable<Lease['spec']> } | { do: 'wait' }

/** The times for a lease of this duration. */
export function leaseTimes(seconds: number): LeaseTimes {
  return {
    durationMs: seconds * 1000,
    deadlineMs: Math.round((seconds * 1000 * 2) / 3),
    retryMs: Math.round((seconds * 1000) / 7.5),
  }
}

/** A new lease, held by `me` from now on. */
export function newLease(me: string, seconds: number, now: Date): NonNullable<Lease['spec']> {
  return {
    ...heldBy(me, seconds, now, undefined),
    leaseTransitions: 0,
  }
}

/** The lease after its holder has released it: the next candidate does not have to wait. */
export function freedLease(spec: Lease['spec'], now: Date): NonNullable<Lease['spec']> {
  return {
    ...spec,
    holderIdentity: '',
    leaseDurationSeconds: 1,
    renewTime: microTime(now),
  }
}

/**
 * What a candidate does: creates the lease if there is none; takes or renews it if it is its own, free, or was not
 * renewed for the duration that its holder set; otherwise waits.
 *
 * @param observed when this candidate first saw the current version of the lease.
 */
export function decideLease(
  lease: Lease | undefined,
  {
    me,
    seconds,
    observed,
    nowMs,
    now,
  }: { me: string; seconds: number; observed: Observation; nowMs: number; now: Date },
): LeaseDecision {
  if (lease === undefined) return { do: 'make' }
  const { spec } = lease
  const holder = spec?.holderIdentity ?? ''
  const heldMs = (spec?.leaseDurationSeconds ?? seconds) * 1000
  const isOver = nowMs - observed.atMs >= heldMs
  if (holder !== '' && holder !== me && !isOver) return { do: 'wait' }
  return { do: 'take', spec: heldBy(me, seconds, now, spec) }
}

function heldBy(me: string, seconds: number, now: Date, spec: Lease['spec']): NonNullable<Lease['spec']> {
  const isMine = spec?.holderIdentity === me
  const time = microTime(now)
  return {
    holderIdentity: me,
    leaseDurationSeconds: Math.max(1, Math.round(seconds)),
    acquireTime: isMine ? (spec?.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: (spec?.leaseTransitions ?? 0) + (isMine ? 0 : 1),
  }
}

/** The time format of a Lease: with microseconds. */
function microTime(now: Date): string {
  return now.toISOString().replace('Z', '000Z')
}
