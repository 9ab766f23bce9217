import t from 'tap'
import type { KubeObject } from '../../../src/core/kubernetes/objects.js'
import { kubeClient } from '../../../src/system/kubernetes/client.js'
import { informer } from '../../../src/system/kubernetes/informer.js'
import { until } from '../../lab/until.js'
import { type Answer, fakeApi } from '../../support/fake-api.js'

const object = (name: string, version: string, namespace = 'a') => ({
  metadata: { name, namespace, resourceVersion: version, managedFields: ['much'] },
})
const list = (version: string, items: object[], next?: string) => ({
  metadata: { resourceVersion: version, ...(next && { continue: next }) },
  items,
})

const CUT_MS = 50

/** What each watch in turn sends. */
const WATCHES: ((answer: Answer) => void)[] = [
  answer => {
    answer.line({ type: 'MODIFIED', object: object('one', '6') })
    answer.line({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } })
    setTimeout(answer.cut, CUT_MS)
  },
  answer => answer.line({ type: 'ERROR', object: { code: 410, message: 'too old', reason: 'Expired' } }),
  answer => answer.line('not json'),
  answer => answer.line({ type: 'DELETED', object: object('two', '91') }),
]

/** What each list in turn answers; the first one has two pages. */
const LISTS = [
  list('5', [object('one', '3')], 'more'),
  list('5', [object('two', '4')]),
  list('90', [object('two', '4'), object('three', '90')]),
]

t.test('lists by pages, watches, resumes after a break, lists again after 410', async t => {
  const changes: string[] = []
  const problems: Error[] = []
  const watches: string[] = []
  let lists = 0
  const { access } = await fakeApi(t, {
    'GET /things': ({ url }, answer) => {
      if (url.searchParams.get('watch') === null) {
        lists += 1
        return answer.json(LISTS[Math.min(lists, LISTS.length) - 1] ?? {})
      }
      watches.push(url.searchParams.get('resourceVersion') ?? '')
      WATCHES[watches.length - 1]?.(answer)
    },
  })
  const client = kubeClient(access)
  t.teardown(client.close)
  const copy = informer<KubeObject>(client, {
    path: '/things',
    onChange: (key, { metadata }, isDeleted) =>
      changes.push(`${isDeleted ? '-' : '+'}${key}@${metadata.resourceVersion}`),
    onProblem: error => problems.push(error),
  })
  t.equal(copy.isSynced(), false)
  const stop = new AbortController()
  const run = copy.run(stop.signal)
  await until('the last watch has sent its object', () => copy.isSynced() && changes.includes('-a/two@4'))
  stop.abort()
  await run
  t.strictSame(changes, [...['+a/one@3', '+a/two@4', '+a/one@6'], ...['-a/one@6', '+a/three@90'], '-a/two@4'])
  t.strictSame(watches, ['5', '8', '90', '90'], 'a bookmark counts; after 410 and after nonsense a new list')
  t.strictSame(
    copy.all().map(({ metadata }) => metadata.name),
    ['three'],
  )
  t.notOk('managedFields' in (copy.get('a/three')?.metadata ?? {}), 'managedFields are dropped')
  t.equal(problems.length, 2, 'the break and the nonsense are reported; 410 is normal')
})

t.test('a server that does not answer yet', async t => {
  let isUp = false
  const { access, calls } = await fakeApi(t, {
    'GET /things': ({ url }, answer) => {
      if (!isUp) return answer.json({ message: 'starting' }, 503)
      if (url.searchParams.get('watch') === null) answer.json(list('1', []))
    },
  })
  const problems: Error[] = []
  const client = kubeClient(access)
  t.teardown(client.close)
  const copy = informer(client, {
    path: '/things',
    onChange: () => undefined,
    onProblem: error => problems.push(error),
  })
  const stop = new AbortController()
  const run = copy.run(stop.signal)
  await until('it got a request', () => calls.length > 0)
  isUp = true
  await until('the informer is synced', () => copy.isSynced())
  stop.abort()
  await run
  t.match(problems[0], { status: 503, message: /starting/ })
})
