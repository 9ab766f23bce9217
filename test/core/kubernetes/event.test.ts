// Events, errors of the API, back-off.
import t from 'tap'
import { CephflexError } from '../../../src/core/errors.js'
import {
  ApiError,
  isConflict,
  isExpired,
  isNotFound,
  refusedRequest,
} from '../../../src/core/kubernetes/api-error.js'
import { backoffMs } from '../../../src/core/kubernetes/backoff.js'
import { eventKey, failureEvent, makeEvent } from '../../../src/core/kubernetes/event.js'
import { claim } from '../../support/claims.js'
import { KEY } from '../../support/volumes.js'

t.test('an event', async t => {
  const failure = failureEvent('ProvisioningFailed', new CephflexError('EBADVOLUME', 'no', { hint: 'do' }))
  t.strictSame(failure, {
    type: 'Warning',
    reason: 'ProvisioningFailed',
    message: 'EBADVOLUME: no. Hint: do',
  })
  const about = { host: 'h', now: new Date('2026-01-01T00:00:00.5Z'), id: 'x' }
  const event = makeEvent(
    claim(),
    'PersistentVolumeClaim',
    { ...failure, message: `${KEY} ${'a'.repeat(2000)}` },
    about,
  )
  t.match(event, {
    metadata: { name: 'data.x', namespace: 'apps' },
    involvedObject: { kind: 'PersistentVolumeClaim', namespace: 'apps', name: 'data' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
  })
  t.equal(event.message.length, 1024, 'cut to what the API accepts')
  t.notOk(event.message.includes(KEY), 'never a key')
  const bare = makeEvent({ metadata: { name: 'pv' } }, 'PersistentVolume', failure, about)
  t.equal(bare.metadata.namespace, 'default')
  t.notOk('namespace' in bare.involvedObject)
  t.equal(eventKey(claim(), failure), eventKey(claim(), failure))
  t.not(eventKey(claim({}, { uid: 'other' }), failure), eventKey(claim(), failure))
})

t.test('refused requests', async t => {
  const body = JSON.stringify({ message: `no ${KEY}`, reason: 'Conflict' })
  const conflict = refusedRequest('PUT /x', 409, body)
  t.match(conflict, { code: 'EAPI', status: 409, reason: 'Conflict', message: /^PUT \/x was refused: no/ })
  t.notOk(conflict.message.includes(KEY))
  t.match(refusedRequest('GET /x', 502, '<html>'), { message: /status 502/ })
  t.match(refusedRequest('GET /x', 500, 'null'), { message: /status 500/ })
  t.match(refusedRequest('GET /x', 403, '{}'), { hint: /manifests controller/ })
  t.strictSame(
    [404, 409, 410, 0].map(status => {
      const error = new ApiError(status, '', '')
      return [isNotFound(error), isConflict(error), isExpired(error)]
    }),
    [
      [true, false, false],
      [false, true, false],
      [false, false, true],
      [false, false, false],
    ],
  )
  t.notOk(isNotFound(new Error('404')))
})

t.test('waits grow and have jitter', async t => {
  t.strictSame(
    [1, 2, 3].map(n => backoffMs(n, 0.5)),
    [1_000, 2_000, 4_000],
  )
  t.equal(backoffMs(1_000, 0.5), 120_000)
  t.strictSame([backoffMs(1, 0), backoffMs(1, 1)], [750, 1_250])
})
