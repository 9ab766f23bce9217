import { annotatedParameters } from '../../core/controller/decide-volume.js'
import { type Claim, type PersistentVolume, pathOf } from '../../core/kubernetes/objects.js'
import { formatQuantity } from '../../core/provision/quantity.js'
import { claimPath } from '../kubernetes/api.js'
import { expandVolume } from '../provision/volumes.js'
import type { ReconcileContext } from './context.js'
import { hintsFor } from './names.js'

const KIND = 'PersistentVolumeClaim'

/** Conditions that Kubernetes may have set while it waited for this controller. */
const RESIZING = ['Resizing', 'FileSystemResizePending']

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
  const conditions = claim.status?.conditions?.filter(({ type }) => !RESIZING.includes(type))
  await client.patch(`${claimPath(claim)}/status`, {
    metadata: { uid: claim.metadata.uid },
    status: { capacity: { storage }, ...(conditions && { conditions }) },
  })
  recordEvent(claim, KIND, {
    type: 'Normal',
    reason: 'VolumeResizeSuccessful',
    message: `${name} now has ${storage}`,
  })
}
