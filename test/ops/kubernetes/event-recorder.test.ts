import t from 'tap'
import { makeEventRecorder } from '../../../src/ops/kubernetes/event-recorder.js'
import { kubeClient } from '../../../src/system/kubernetes/client.js'
import { claim } from '../../support/claims.js'
import { memoryApi } from '../../support/memory-api.js'

const KIND = 'PersistentVolumeClaim'
const EVENT = { type: 'Warning', reason: 'ProvisioningFailed', message: 'no' } as const

t.test('events', async t => {
  let isDown = false
  const api = await memoryApi(t, () => !isDown)
  const client = kubeClient({ server: api.url, namespace: 'apps' })
  t.teardown(client.close)
  const problems: Error[] = []
  const recorder = makeEventRecorder(client, 'host', error => problems.push(error))
  const events = () =>
    api.all('events') as unknown as { count: number; message: string; metadata: { name: string } }[]

  recorder.record(claim(), KIND, EVENT)
  recorder.record(claim(), KIND, EVENT)
  recorder.record(claim(), KIND, { ...EVENT, message: 'other' })
  await recorder.flush()
  t.match(
    events(),
    [
      { count: 2, message: 'no' },
      { count: 1, message: 'other' },
    ],
    'a repeated event is counted',
  )
  t.equal(events().length, 2)

  const [first] = events()
  api.remove(`/api/v1/namespaces/apps/events/${first?.metadata.name}`)
  recorder.record(claim(), KIND, EVENT)
  await recorder.flush()
  t.match(
    events(),
    [{ message: 'other' }, { count: 1, message: 'no' }],
    'created again when the API has expired it',
  )

  isDown = true
  recorder.record(claim(), KIND, { ...EVENT, message: 'lost' })
  await recorder.flush()
  t.match(problems, [{ code: 'EAPI' }], 'a refused event is only reported')
  isDown = false
  for (let i = 0; i < 1_200; i += 1) recorder.record(claim(), KIND, { ...EVENT, message: `${i}` })
  await recorder.flush()
  t.equal(events().length, 1_002, 'a flood is cut off')
})
