import t from 'tap'
import { decideLease, freedLease, leaseTimes, newLease } from '../../../src/core/kubernetes/lease.js'
import type { Lease } from '../../../src/core/kubernetes/objects.js'

const now = new Date('2026-01-01T00:00:00.123Z')
const held = (holderIdentity: string | null, more: object = {}): Lease => ({
  metadata: { name: 'lease', resourceVersion: '7' },
  spec: { holderIdentity, leaseDurationSeconds: 15, acquireTime: 'then', leaseTransitions: 3, ...more },
})
const decide = (lease: Lease | undefined, waitedMs: number) =>
  decideLease(lease, {
    me: 'me',
    seconds: 15,
    observed: { version: '7', atMs: 1_000 },
    nowMs: 1_000 + waitedMs,
    now,
  })

t.match(decide(undefined, 0), { do: 'make' })
t.match(decide(held('other'), 14_999), { do: 'wait' }, 'its holder may still be alive')
t.match(
  decide(held('other'), 15_000),
  {
    do: 'take',
    spec: { holderIdentity: 'me', leaseTransitions: 4, renewTime: '2026-01-01T00:00:00.123000Z' },
  },
  'it was not renewed for that long, by the local clock',
)
t.match(
  decide(held('other', { leaseDurationSeconds: 60 }), 15_000),
  { do: 'wait' },
  'the holder sets the duration',
)
for (const free of ['', null]) t.match(decide(held(free), 0), { do: 'take' }, 'it was released')
t.match(decide(held('me'), 0), { do: 'take', spec: { leaseTransitions: 3, acquireTime: 'then' } }, 'renewed')
t.match(decide({ metadata: { name: 'lease' } }, 0), { do: 'take', spec: { leaseTransitions: 1 } })
t.match(decide(held('other', { leaseDurationSeconds: null }), 14_000), { do: 'wait' })
t.match(newLease('me', 15, now), { holderIdentity: 'me', leaseTransitions: 0, leaseDurationSeconds: 15 })
t.match(freedLease(held('me').spec, now), {
  holderIdentity: '',
  leaseDurationSeconds: 1,
  leaseTransitions: 3,
})
const { durationMs, deadlineMs, retryMs } = leaseTimes(15)
t.ok(retryMs * 3 < deadlineMs && deadlineMs < durationMs, 'a leader stops before another replica takes over')
