import type { Test } from 'tap'
import { provisionerFor } from '../provisioning.js'
import { counting, newClass } from './claims.js'
import { controllers } from './controller.js'
import { secret } from './objects.js'
import { startScene } from './scene.js'
import { until } from './until.js'

/**
 * A scene in which a controller can make volumes: its manifest is applied, the
 * key is there, and so are three classes (`fast`, `late`, `kept`).
 */
export const startDemand = async (t: Test) => {
  const scene = await startScene(t)
  const { ceph, kube } = scene
  const provisioner = await provisionerFor(t, ceph)
  const { start, log } = await controllers(t, kube)
  const adminKey = secret('ceph-admin', { key: ceph.adminKey }, 'Opaque')
  await kube.apply({ ...adminKey, metadata: { name: 'ceph-admin', namespace: 'cephflex' } })
  const parameters = {
    monitors: ceph.monitors,
    adminSecretName: 'ceph-admin',
    adminSecretNamespace: 'cephflex',
  }
  await kube.apply(
    newClass('fast', parameters),
    newClass('late', parameters, { volumeBindingMode: 'WaitForFirstConsumer' }),
    newClass('kept', parameters, { reclaimPolicy: 'Retain' }),
  )
  return {
    ...scene,
    provisioner,
    parameters,
    /** Starts a replica. */
    start,
    /** What all replicas said. */
    log,
    /** Until there is as much of everything, and no more. */
    eventually: counting(kube, ceph, provisioner),
    event: (name: string, reason: string) =>
      until(`an event ${reason} of ${name}`, async () =>
        (await kube.events(name)).find(each => each.reason === reason),
      ),
    remove: (...names: string[]) => kube.kubectl(['delete', 'pvc', '--wait=false', ...names]),
  }
}
