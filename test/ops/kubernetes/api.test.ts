import t from 'tap'
import type { KubeObject } from '../../../src/core/kubernetes/objects.js'
import { addFinalizer, removeFinalizer } from '../../../src/ops/kubernetes/api.js'
import { kubeClient } from '../../../src/system/kubernetes/client.js'
import { memoryApi } from '../../support/memory-api.js'

const PATH = '/api/v1/persistentvolumes/data'
const FINALIZER = 'cephflex/volume'

t.test('finalizers', async t => {
  let busy = 0
  const api = await memoryApi(t, method => {
    // another client changes the object before each change of this one
    if (method === 'PATCH' && busy > 0) {
      busy -= 1
      const old = api.objects.get(PATH)
      if (old) api.put(PATH, { ...old, metadata: { ...old.metadata, labels: { n: String(busy) } } })
    }
    return true
  })
  const client = kubeClient({ server: api.url, namespace: 'apps' })
  t.teardown(client.close)
  const start = () => api.put(PATH, { metadata: { name: 'data', finalizers: ['other'] } })
  const now = () => api.objects.get(PATH)?.metadata.finalizers

  const protectedObject = await addFinalizer<KubeObject>(client, PATH, start(), FINALIZER)
  t.strictSame(now(), ['other', FINALIZER])
  t.equal(await addFinalizer(client, PATH, protectedObject, FINALIZER), protectedObject, 'once')
  busy = 3
  await removeFinalizer(client, PATH, protectedObject, FINALIZER)
  t.strictSame(now(), ['other'], 'in spite of conflicts')
  await removeFinalizer(client, PATH, protectedObject, FINALIZER)
  t.strictSame(now(), ['other'], 'twice')

  busy = 1
  await t.rejects(
    addFinalizer<KubeObject>(client, PATH, start(), FINALIZER),
    { code: 'EAPI', status: 409 },
    'read again after each conflict',
  )
  const again = await addFinalizer<KubeObject>(client, PATH, start(), FINALIZER)
  busy = 100
  await t.rejects(
    removeFinalizer(client, PATH, again, FINALIZER),
    { code: 'EAPI', status: 409 },
    'the number of retries is limited',
  )
  busy = 0
  api.objects.delete(PATH)
  await removeFinalizer(client, PATH, again, FINALIZER)
  start()
  await removeFinalizer(client, PATH, again, FINALIZER)
  t.strictSame(now(), ['other'], 'an object that was created again is another object')
  api.objects.delete(PATH)
  await t.rejects(addFinalizer(client, PATH, again, 'x/y'), { code: 'EAPI', status: 409 })
})
