import t from 'tap'
import { makeEventRecorder } from '../../../src/ops/kubernetes/event-recorder.js'
import { kubeClient } from '../../../src/system/kubernetes/client.js'
import { claim } from '../../support/claims.js'
import { memoryApi } from '../../support/memory-api.js'

const KIND = 'PersistentVolumeClaim'
const TOLD = { type: 'Warning', reason: 'ProvisioningFailed', message: 'no' } as const

t.test('events', async t => {
  let isDown = false
  const api = await memoryApi(t, () => !isDown)
  const client = kubeClient({ server: api.url, namespace: 'apps' })
  t.teardown(client.close)
  const problems: Error[] = []
  const recorder = makeEventRecorder(client, 'host', error => problems.push(error))
  const events = () =>
    api.all('events') as unknown as { count: number; message: string; metadata: { name: string } }[]

  recorder.record(claim(), KIND, TOLD)
  recorder.record(claim(), KIND, TOLD)
  recorder.record(claim(), KIND, { ...TOLD, message: 'other' })
  await recorder.flush()
  t.match(
    events(),
    [
      { count: 2, message: 'no' },
      { count: 1, message: 'other' },
    ],
    'what is said again is counted',
  )
  t.equal(events().length, 2)

  const [first] = events()
  api.remove(`/api/v1/namespaces/apps/events/${first?.metadata.name}`)
  recorder.record(claim(), KIND, TOLD)
  await recorder.flush()
  t.match(
    events(),
    [{ message: 'other' }, { count: 1, message: 'no' }],
    'made anew when the API has forgotten it',
  )

  isDown = true
  recorder.record(claim(), KIND, { ...TOLD, message: 'lost' })
  await recorder.flush()
  t.match(problems, [{ code: 'EAPI' }], 'nobody fails because of it')
  isDown = false
  for (let i = 0; i < 1_200; i += 1) recorder.record(claim(), KIND, { ...TOLD, message: `${i}` })
  await recorder.flush()
  t.equal(events().length, 1_002, 'a flood is cut off')
})
