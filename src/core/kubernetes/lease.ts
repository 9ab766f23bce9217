import type { Lease } from './objects.js'

/**
 * Times of leader election, all from one number, in the proportions of
 * Kubernetes' own controllers (15, 10 and 2 s).
 */
export type LeaseTimes = {
  /** Others wait so long after they last saw a change before they take the lease. */
  durationMs: number
  /** A leader that could not renew for so long stops: well before others may begin. */
  deadlineMs: number
  /** Between two tries. */
  retryMs: number
}

/** What a candidate has seen of the lease, and when, by its own monotonic clock: clocks of machines differ. */
export type Observation = { version: string | undefined; atMs: number }

export type LeaseDecision = { do: 'make' } | { do: 'take'; spec: NonNullable<Lease['spec']> } | { do: 'wait' }

export function leaseTimes(seconds: number): LeaseTimes {
  return {
    durationMs: seconds * 1000,
    deadlineMs: Math.round((seconds * 1000 * 2) / 3),
    retryMs: Math.round((seconds * 1000) / 7.5),
  }
}

/** The lease of somebody who holds it from now on, for the first time. */
export function newLease(me: string, seconds: number, now: Date): NonNullable<Lease['spec']> {
  return {
    ...heldBy(me, seconds, now, undefined),
    leaseTransitions: 0,
  }
}

/** The lease given back: the next candidate need not wait. */
export function freedLease(spec: Lease['spec'], now: Date): NonNullable<Lease['spec']> {
  return {
    ...spec,
    holderIdentity: '',
    leaseDurationSeconds: 1,
    renewTime: microTime(now),
  }
}

/**
 * What a candidate does about the lease: makes it if there is none, takes it
 * if it is its own, free, or was not renewed for as long as its holder said.
 *
 * @param observed when this candidate first saw the lease in its present version.
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

/** As the API wants it: with microseconds. */
function microTime(now: Date): string {
  return now.toISOString().replace('Z', '000Z')
}
