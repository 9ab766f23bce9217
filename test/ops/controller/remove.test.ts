import t from 'tap'
import { parseParameters } from '../../../src/core/provision/parameters.js'
import type { ReconcileContext } from '../../../src/ops/controller/context.js'
import { deleteProvisioned } from '../../../src/ops/controller/remove.js'

t.test('a PersistentVolume is deleted with its uid: a newer one of its name stays', async t => {
  const removed: unknown[][] = []
  const client = {
    namespace: 'cephflex',
    patch: async () => ({}),
    get: async () => ({}),
    remove: async (...args: unknown[]) => {
      removed.push(args.slice(0, 2))
    },
  }
  const sessions = { use: async () => ({ names: undefined, isUnused: false }) }
  const volume = {
    metadata: { name: 'pvc-1', uid: 'the-uid', resourceVersion: '7', finalizers: [] },
    spec: { claimRef: { namespace: 'apps', name: 'web' } },
  }
  await deleteProvisioned(
    { client, sessions } as unknown as ReconcileContext,
    volume as never,
    parseParameters({ monitors: '10.0.0.1' } as never) as never,
    new AbortController().signal,
  )
  t.strictSame(removed, [['/api/v1/persistentvolumes/pvc-1', 'the-uid']])
})
