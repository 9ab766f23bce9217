import { parseKeptReference } from '../../core/provision/kept.js'
import { planPurge } from '../../core/provision/plan-purge.js'
import { applySteps } from './apply.js'
import { findKept } from './kept.js'
import type { Provisioner } from './provisioner.js'
import type { ChangeOptions, Outcome } from './volumes.js'

/**
 * Deletes kept data for good. Does nothing if there is none of this name. Idempotent.
 *
 * @param kept name of its volume, or path of its directory.
 * @throws CephflexError ENOTOURS if it is not proven to be kept data; ESNAPSHOTS, EBADVOLUME, ENOCAPS, EPROVISION.
 */
export async function purgeKept(
  provisioner: Provisioner,
  kept: string,
  { dryRun = false, signal }: ChangeOptions = {},
): Promise<Outcome & { path?: string }> {
  const { claimRoot } = provisioner.cluster
  const found = await findKept(provisioner, parseKeptReference(kept, claimRoot), signal)
  if (found === undefined) return { steps: [] }
  const steps = planPurge(found)
  if (!dryRun) await applySteps(provisioner, steps, signal)
  return { steps, path: `${claimRoot}/${found.share}` }
}
