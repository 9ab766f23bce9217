import t from 'tap'
import type { KubeObject } from '../../../src/core/kubernetes/objects.js'
import { ensureSecret, removeSecret } from '../../../src/ops/controller/secrets.js'
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
  await t.rejects(addFinalizer(client, PATH, again, 'x/y'), { code: 'EAPI', status: 404 })
})

t.test('Secrets', async t => {
  const api = await memoryApi(t)
  const client = kubeClient({ server: api.url, namespace: 'apps' })
  t.teardown(client.close)
  const place = { namespace: 'apps', name: 'key' }
  const path = '/api/v1/namespaces/apps/secrets/key'
  const secret = (key: string, pv = 'pv', type = 'cephflex/cephfs') => ({
    metadata: { ...place, annotations: { 'cephflex/volume': pv } },
    type,
    data: { key },
  })
  const key = () => (api.objects.get(path)?.['data'] as { key: string } | undefined)?.key

  await ensureSecret(client, 'pv', secret('one'))
  await ensureSecret(client, 'pv', secret('one'))
  t.equal(key(), 'one')
  await ensureSecret(client, 'pv', secret('two'))
  t.equal(key(), 'two', 'the user was created again')
  for (const [pv, type] of [
    ['other', 'cephflex/cephfs'],
    ['pv', 'Opaque'],
  ])
    await t.rejects(ensureSecret(client, pv ?? '', secret('three', pv, type)), {
      code: 'ENOTOURS',
      hint: /get secret key/,
    })
  t.equal(key(), 'two', 'the Secret of another volume is unchanged')
  await removeSecret(client, 'other', place)
  t.equal(key(), 'two', 'only the owner may delete it')
  await removeSecret(client, 'pv', place)
  t.equal(key(), undefined)
  await removeSecret(client, 'pv', place)
})
