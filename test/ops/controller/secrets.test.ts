import t from 'tap'
import { ensureSecret, removeSecret } from '../../../src/ops/controller/secrets.js'
import { kubeClient } from '../../../src/system/kubernetes/client.js'
import { memoryApi } from '../../support/memory-api.js'

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
