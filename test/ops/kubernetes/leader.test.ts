import t from 'tap'
import type { Lease } from '../../../src/core/kubernetes/objects.js'
import { lead } from '../../../src/ops/kubernetes/leader.js'
import { kubeClient } from '../../../src/system/kubernetes/client.js'
import { until } from '../../lab/until.js'
import { fakeApi } from '../../support/fake-api.js'

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/apps/leases'

/** An API with one Lease. It refuses a change of an old version, like the real API. */
const leaseApi = async (t: Parameters<typeof fakeApi>[0]) => {
  const state: { lease?: Lease; version: number; isDown: boolean } = { version: 0, isDown: false }
  const store = (body: unknown) => {
    state.version += 1
    const { metadata, ...rest } = body as Lease
    state.lease = {
      ...rest,
      metadata: { ...metadata, uid: 'lease-uid', resourceVersion: String(state.version) },
    }
    return state.lease
  }
  const { access } = await fakeApi(t, {
    [`GET ${LEASES}/l`]: (_, answer) =>
      state.isDown
        ? answer.json({}, 500)
        : answer.json(state.lease ?? { reason: 'NotFound' }, state.lease ? 200 : 404),
    [`POST ${LEASES}`]: ({ body }, answer) =>
      state.lease ? answer.json({}, 409) : answer.json(store(body), 201),
    [`PUT ${LEASES}/l`]: ({ body }, answer) =>
      (body as Lease).metadata.resourceVersion === state.lease?.metadata.resourceVersion
        ? answer.json(store(body))
        : answer.json({}, 409),
  })
  const client = kubeClient(access)
  t.teardown(client.close)
  const problems: Error[] = []
  const options = (me: string) => ({
    ...{ namespace: 'apps', name: 'l', me, seconds: 0.9 },
    onProblem: (error: Error) => problems.push(error),
  })
  return { state, client, options, problems }
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>(done => signal.addEventListener('abort', () => done(), { once: true }))

t.test('one leads; the other takes over when the first has ended', async t => {
  const { state, client, options } = await leaseApi(t)
  const log: string[] = []
  const run = (me: string, signal: AbortSignal) =>
    lead(client, options(me), signal, async ({ metadata }, until) => {
      log.push(`${me} ${metadata.uid}`)
      await untilAborted(until)
      log.push(`${me} ends`)
    })
  const [one, two] = [new AbortController(), new AbortController()]
  const first = run('one', one.signal)
  await until('one leads', () => log.length === 1)
  const second = run('two', two.signal)
  const { version } = state
  await until('it renews', () => state.version > version + 5)
  t.strictSame(log, ['one lease-uid'])
  one.abort()
  await first
  await until('two leads', () => log.length === 3)
  t.strictSame(log, ['one lease-uid', 'one ends', 'two lease-uid'])
  t.match(state.lease, { spec: { holderIdentity: 'two', leaseTransitions: 1 } })
  two.abort()
  await second
  t.equal(state.lease?.spec?.holderIdentity, '', 'the Lease is released')
})

t.test('the Lease of a dead holder is taken when it has expired', async t => {
  const { state, client, options } = await leaseApi(t)
  const stop = new AbortController()
  state.lease = {
    metadata: { name: 'l', uid: 'x', resourceVersion: 'a' },
    spec: { holderIdentity: 'gone', leaseDurationSeconds: 1 },
  }
  const begin = performance.now()
  await lead(client, options('me'), stop.signal, async () => stop.abort())
  t.ok(performance.now() - begin >= 900)
})

t.test(
  'a leader that cannot renew gives up before others take over, even if its work does not end',
  async t => {
    const { state, client, options, problems } = await leaseApi(t)
    const stop = new AbortController()
    let isTold = false
    const lost = lead(client, options('me'), stop.signal, async (_, signal) => {
      signal.addEventListener('abort', () => {
        isTold = true
      })
      state.isDown = true
      await new Promise(() => undefined)
    })
    await t.rejects(lost, { code: 'ELEASE', message: /not renewed in time/ })
    t.ok(isTold)
    t.match(problems[0], { status: 500 })
  },
)

t.test('a leader whose Lease was taken stops at once; a wait can be interrupted', async t => {
  const { state, client, options } = await leaseApi(t)
  const stop = new AbortController()
  const lost = lead(client, options('me'), stop.signal, async (lease, signal) => {
    state.lease = {
      ...lease,
      metadata: { ...lease.metadata, resourceVersion: 'x' },
      spec: { holderIdentity: 'other' },
    }
    await untilAborted(signal)
  })
  await t.rejects(lost, { code: 'ELEASE', message: /taken over by another/ })
  state.isDown = true
  const waiting = lead(client, options('other'), stop.signal, async () => {
    t.fail('it must not lead')
  })
  setTimeout(() => stop.abort(), 300)
  await waiting
})
