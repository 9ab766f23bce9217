import type { Test } from 'tap'
import { ADMIN_SECRET, adminSecret } from '../../lab/kube/claims.js'
import { provisionerFor } from '../../lab/provisioning.js'
import { until } from '../../lab/until.js'
import { counting, newClass } from './claims.js'
import { controllers } from './controller.js'
import { startScene } from './scene.js'

/**
 * A scene in which a controller can create volumes: its manifest, the key of the
 * admin and three classes (`fast`, `late`, `kept`) are applied.
 */
export async function startDemand(t: Test) {
  const scene = await startScene(t)
  const { ceph, kube } = scene
  const provisioner = await provisionerFor(t, ceph)
  const { start, log } = await controllers(t, kube)
  await kube.apply(adminSecret(ceph.adminKey))
  const parameters = { monitors: ceph.monitors, ...ADMIN_SECRET }
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
    /** The logs of all replicas. */
    log,
    /** Waits until there are exactly these numbers of everything. */
    eventually: counting(kube, ceph, provisioner),
    event: (name: string, reason: string) =>
      until(`an event ${reason} of ${name}`, async () =>
        (await kube.events(name)).find(each => each.reason === reason),
      ),
    remove: (...names: string[]) => kube.kubectl(['delete', 'pvc', '--wait=false', ...names]),
  }
}
