import { annotatedParameters } from '../../core/controller/decide-volume.js'
import { expandedStatus } from '../../core/controller/expansion.js'
import { isConflict } from '../../core/kubernetes/api-error.js'
import { type Claim, type PersistentVolume, pathOf } from '../../core/kubernetes/objects.js'
import { formatQuantity } from '../../core/provision/quantity.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { claimPath, find } from '../kubernetes/api.js'
import { expandVolume } from '../provision/volumes.js'
import type { ReconcileContext } from './context.js'
import { hintsFor } from './names.js'

const KIND = 'PersistentVolumeClaim'

/** Another controller that changes a claim more often than this is fighting this one. */
const MAX_TRIES = 8

/**
 * Expands a volume: its quota, then the size of the PersistentVolume, then that
 * of the claim. Pods see it at once, with no restart.
 */
export async function expand(
  { client, sessions, recordEvent, announce }: ReconcileContext,
  claim: Claim,
  volume: PersistentVolume,
  sizeBytes: bigint,
  signal: AbortSignal,
): Promise<void> {
  const storage = formatQuantity(sizeBytes)
  const { name } = volume.metadata
  const parameters = annotatedParameters(volume)
  const message = `expanding ${name} to ${storage}`
  const ready = announce(claim, KIND, { type: 'Normal', reason: 'Resizing', message })
  await sessions
    .use(parameters, 'make', ({ provisioner }) =>
      expandVolume(provisioner, name, sizeBytes, {
        ...hintsFor(volume, parameters, claim.metadata, provisioner.cluster),
        signal,
      }),
    )
    .finally(ready)
  await client.patch(pathOf.volume(name), {
    metadata: { uid: volume.metadata.uid },
    spec: { capacity: { storage } },
  })
  await finishExpansion(client, claim, storage)
  recordEvent(claim, KIND, {
    type: 'Normal',
    reason: 'VolumeResizeSuccessful',
    message: `${name} now has ${storage}`,
  })
}

/**
 * Shows a claim as expanded. Kubernetes' own controller changes its status at the same time: only a claim that has not
 * changed since it was read is written.
 *
 * @throws ApiError; a conflict if the claim changes before every try.
 */
export async function finishExpansion(client: KubeClient, claim: Claim, storage: string): Promise<void> {
  const path = claimPath(claim)
  let current: Claim | undefined = claim
  for (let tries = 1; current !== undefined && current.metadata.uid === claim.metadata.uid; tries += 1) {
    const { uid, resourceVersion } = current.metadata
    const patch = { metadata: { uid, resourceVersion }, status: expandedStatus(current, storage) }
    try {
      await client.patch(`${path}/status`, patch)
      return
    } catch (error) {
      if (!isConflict(error) || tries === MAX_TRIES) throw error
      current = await find<Claim>(client, path)
    }
  }
}
