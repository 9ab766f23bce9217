import { decideVolume } from '../../core/controller/decide-volume.js'
import { VOLUME_FINALIZER } from '../../core/kubernetes/annotations.js'
import { type PersistentVolume, pathOf } from '../../core/kubernetes/objects.js'
import { find, removeFinalizer } from '../kubernetes/api.js'
import type { ReconcileContext } from './context.js'
import { deleteProvisioned } from './remove.js'

const REASON = 'VolumeFailedDelete'
const KIND = 'PersistentVolume'

/** Decides what a PersistentVolume needs, and does it, as `reconcileClaim` does for claims. */
export async function reconcileVolume(
  context: ReconcileContext,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { client, settings, volumes } = context
  const cached = volumes.get(name)
  if (cached === undefined || decideVolume(cached, settings).do === 'nothing') return
  const object = await find<PersistentVolume>(client, pathOf.volume(name))
  if (object === undefined) return
  const decision = decideVolume(object, settings)
  if (decision.do === 'refuse') context.refused({ object, kind: KIND, reason: REASON }, decision.error)
  if (decision.do === 'remove finalizer')
    await removeFinalizer(client, pathOf.volume(name), object, VOLUME_FINALIZER)
  if (decision.do === 'delete')
    await context.operation({ operation: 'delete', object, kind: KIND, reason: REASON }, () =>
      deleteProvisioned(context, object, decision.parameters, signal),
    )
}
