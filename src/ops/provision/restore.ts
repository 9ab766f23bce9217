import { CephflexError } from '../../core/errors.js'
import {
  isNamedBy,
  type KeptData,
  type KeptReference,
  parseKeptReference,
} from '../../core/provision/kept.js'
import type { Marker } from '../../core/provision/marker.js'
import {
  type ClaimRef,
  tenantVolumeNames,
  type VolumeNames,
  volumeNames,
} from '../../core/provision/names.js'
import { planFinish, planRestore, type RestoreRequest } from '../../core/provision/plan-restore.js'
import type { Step } from '../../core/provision/steps.js'
import { tenantAt, tenantWith } from '../../core/provision/tenant.js'
import type { VolumeFacts } from '../../core/provision/volume.js'
import { applySteps } from './apply.js'
import { inspectVolume } from './inspect.js'
import { findKept, restOf } from './kept.js'
import { listMarks } from './list.js'
import type { Provisioner } from './provisioner.js'
import { type ChangeOptions, type Outcome, showVolume } from './volumes.js'

/** One round moves the data, and the next one finds that nothing is left. More mean that another provisioner runs. */
const MAX_ROUNDS = 3

export type RestoreOptions = ChangeOptions &
  Pick<RestoreRequest, 'sizeBytes' | 'readOnly'> & { claim?: ClaimRef | undefined }

/**
 * Makes kept data the volume `pv`, with a new user. Does nothing if it was done before. Idempotent: call it again after
 * it was interrupted anywhere.
 *
 * @param kept name of its former volume, or path of its directory.
 * @throws CephflexError ENOVOLUME if there is no such data; ENOTOURS if it is not proven to be kept data, or the volume
 *   exists; ESNAPSHOTS, ESHRINK, EBADVOLUME, ENOCAPS, EPROVISION.
 */
export async function restoreKept(
  provisioner: Provisioner,
  kept: string,
  pv: string,
  { claim, dryRun = false, signal, ...wanted }: RestoreOptions = {},
): Promise<Outcome> {
  const reference = parseKeptReference(kept, provisioner.cluster.claimRoot)
  const request = { ...wanted, pv, createdAt: new Date().toISOString() }
  const done: Step[] = []
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { steps, names } = await planNext(provisioner, { reference, request, claim, signal })
    if (dryRun) return { steps }
    if (steps.length === 0) return { steps: done, volume: await showVolume(provisioner, pv, { names }) }
    await applySteps(provisioner, steps, signal)
    done.push(...steps)
  }
  throw new CephflexError(
    'EPROVISION',
    `the volume ${pv} keeps changing while it is being restored: is another provisioner running?`,
  )
}

type Restoration = {
  reference: KeptReference
  request: Omit<RestoreRequest, 'names'>
  claim: ClaimRef | undefined
  signal: AbortSignal | undefined
}

type Target = { names: VolumeNames; facts: VolumeFacts }

async function planNext(
  provisioner: Provisioner,
  { reference, request, claim, signal }: Restoration,
): Promise<{ steps: Step[]; names: VolumeNames }> {
  const targets = await inspectTargets(provisioner, request.pv, claim)
  const started = await findStarted(provisioner, targets, request.pv, reference)
  if (started !== undefined) {
    const { names, facts, marker, leftover } = started
    return { steps: planFinish({ ...request, names }, facts, marker, leftover), names }
  }
  const kept = await findKept(provisioner, reference, signal)
  if (kept === undefined)
    throw new CephflexError(
      'ENOVOLUME',
      `there is no kept data of this name below ${provisioner.cluster.claimRoot}`,
    )
  const { names, facts } = await targetOf(provisioner, { kept, targets, pv: request.pv, claim })
  await refuseNamesake(provisioner, request.pv, kept.share)
  return { steps: planRestore({ ...request, names }, kept, facts), names }
}

/** Data of a tenant becomes a volume of the same tenant: no other user could be limited to it. */
async function targetOf(
  provisioner: Provisioner,
  {
    kept,
    targets,
    pv,
    claim,
  }: { kept: KeptData; targets: readonly Target[]; pv: string; claim: ClaimRef | undefined },
): Promise<Target> {
  const tenant = tenantWith(kept.layout?.namespace)
  if (tenant === undefined)
    return targets.find(each => each.names.share === kept.share) ?? (targets[0] as Target)
  if (claim !== undefined)
    throw new CephflexError(
      'EBADVOLUME',
      `the data belongs to client.${tenant.user}, so it cannot be named after a claim`,
      { hint: 'leave out --claim' },
    )
  const names = tenantVolumeNames(pv, tenant)
  return { names, facts: await inspectVolume(provisioner, names) }
}

/** The volume that an earlier call began to restore from this data, unless the data is where it was. */
async function findStarted(
  provisioner: Provisioner,
  targets: readonly Target[],
  pv: string,
  reference: KeptReference,
): Promise<(Target & { marker: Marker; leftover: string | undefined }) | undefined> {
  for (const target of targets) {
    const marker = startedBy(target.facts, pv, reference)
    if (marker?.from === undefined) continue
    const { share } = marker.from
    const rest = share === target.names.share ? 'none' : await restOf(provisioner, share)
    if (rest !== 'data') return { ...target, marker, leftover: rest === 'empty' ? share : undefined }
  }
  return undefined
}

/** What is at the paths that the volume may have: a subvolume of a claim has another one than a directory. */
async function inspectTargets(
  provisioner: Provisioner,
  pv: string,
  claim: ClaimRef | undefined,
): Promise<Target[]> {
  const names = (['directory', 'subvolume'] as const).map(backend => volumeNames(pv, backend, claim))
  const different = names.filter(({ share }, index) => index === 0 || share !== names[0]?.share)
  const ofTenants = (await listMarks(provisioner)).flatMap(({ share, marker }) => {
    const tenant = tenantAt(share)
    return tenant && [marker.pv, marker.to].includes(pv) ? [tenantVolumeNames(pv, tenant)] : []
  })
  return Promise.all(
    [...different, ...ofTenants].map(async each => ({
      names: each,
      facts: await inspectVolume(provisioner, each),
    })),
  )
}

/** The mark of a volume that an earlier call restored from this data, perhaps without finishing it. */
function startedBy({ volume }: VolumeFacts, pv: string, reference: KeptReference): Marker | undefined {
  if (volume.kind !== 'ours') return undefined
  const { from, kept, to, pv: marked } = volume.marker
  if (from === undefined || !isNamedBy(reference, from)) return undefined
  return (kept ? to : marked) === pv ? volume.marker : undefined
}

/** Refuses a name that a volume at another path has. */
async function refuseNamesake(provisioner: Provisioner, pv: string, kept: string): Promise<void> {
  const marks = await listMarks(provisioner)
  const other = marks.find(({ marker, share }) => marker.pv === pv && !marker.kept && share !== kept)
  if (other === undefined) return
  throw new CephflexError(
    'ENOTOURS',
    `the volume ${pv} already exists: ${provisioner.cluster.claimRoot}/${other.share}`,
    { hint: 'choose another name' },
  )
}
