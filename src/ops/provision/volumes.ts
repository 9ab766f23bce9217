import { isDeepStrictEqual } from 'node:util'
import { CephflexError } from '../../core/errors.js'
import { planDeleteVolume, planExpandVolume } from '../../core/provision/plan-change.js'
import { type Plan, planCreateVolume } from '../../core/provision/plan-create.js'
import type { Step } from '../../core/provision/steps.js'
import {
  type OnDelete,
  type Volume,
  type VolumeFacts,
  type VolumeRequest,
  volumeOf,
} from '../../core/provision/volume.js'
import type { Secret } from '../../core/secret.js'
import { applySteps } from './apply.js'
import { inspectCreated, inspectVolume } from './inspect.js'
import { isFor, locateVolume, markRefused, problemOf, type VolumeHints } from './locate.js'
import { withObstacles } from './obstacles.js'
import type { Provisioner } from './provisioner.js'

/**
 * The steps that were done. With `dryRun`: the steps that would be done; `again` if more follow that depend on them.
 * `newRoot`: claimRoot does not exist yet, so the data pool may be another one: that of a layout above.
 * `key` is the key of the volume's user, if the user is new.
 */
export type Outcome = { steps: Step[]; volume?: Volume; key?: Secret; again?: boolean; newRoot?: boolean }

export type ChangeOptions = { dryRun?: boolean; signal?: AbortSignal | undefined }

/** Plans again after each round, as a subvolume's path is known only then. More rounds mean that another provisioner runs. */
const MAX_ROUNDS = 4

/**
 * Creates a volume if it does not exist. Idempotent: call it again after it was
 * interrupted anywhere.
 *
 * @throws CephflexError ENOTOURS, EBADVOLUME, EPROVISION and what the sessions throw.
 */
export async function createVolume(
  provisioner: Provisioner,
  request: VolumeRequest,
  { dryRun = false, signal }: ChangeOptions = {},
): Promise<Outcome> {
  if (dryRun) return previewCreate(provisioner, request)
  const done: Step[] = []
  let created: { key?: Secret } = {}
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const facts = await inspectVolume(provisioner, request.names)
    const { steps, again } = planCreateVolume(request, facts, now())
    if (steps.length === 0) return { steps: done, ...withVolume(facts), ...created }
    created = { ...created, ...(await applySteps(provisioner, steps, signal)) }
    done.push(...steps)
    const after = again ? undefined : await inspectCreated(provisioner, request.names, facts)
    if (after && isFor(after, request.pv)) return { steps: done, ...withVolume(after), ...created }
  }
  throw new CephflexError(
    'EPROVISION',
    `the volume ${request.pv} keeps changing while it is being created: is another provisioner running?`,
  )
}

/**
 * Deletes a volume if it exists.
 *
 * @param options `onDelete`: default is what was recorded when the volume was created.
 * @throws CephflexError ENOTOURS, ESNAPSHOTS, EPROVISION and what the sessions throw.
 */
export async function deleteVolume(
  provisioner: Provisioner,
  pv: string,
  {
    onDelete: given,
    claim,
    names: known,
    ...options
  }: ChangeOptions & VolumeHints & { onDelete?: OnDelete } = {},
): Promise<Outcome> {
  const { names, facts: found } = await locateVolume(provisioner, pv, { claim, names: known })
  const { share } = names
  const onDelete = given ?? found.onDelete ?? 'delete'
  const facts = await withObstacles(provisioner, { pv, share, onDelete }, found, options.signal)
  return applyPlan(provisioner, planDeleteVolume({ pv, names, onDelete, now: now() }, facts), options)
}

/** Expands a volume to `sizeBytes`. @throws CephflexError ENOVOLUME, ESHRINK, ENOTOURS, EPROVISION and what the sessions throw. */
export async function expandVolume(
  provisioner: Provisioner,
  pv: string,
  sizeBytes: bigint,
  { claim, names: known, ...options }: ChangeOptions & VolumeHints = {},
): Promise<Outcome> {
  const { names, facts } = await locateVolume(provisioner, pv, { claim, names: known })
  return applyPlan(provisioner, planExpandVolume(pv, names.share, sizeBytes, facts), options)
}

/** One volume, as the cluster has it. @throws CephflexError ENOVOLUME, ENOTOURS and what the sessions throw. */
export async function showVolume(
  provisioner: Provisioner,
  pv: string,
  hints: VolumeHints = {},
): Promise<Volume> {
  const { names, facts } = await locateVolume(provisioner, pv, hints)
  const volume = isFor(facts, pv) ? describe(facts) : undefined
  const problem = volume && problemOf(names.share, facts)
  if (problem !== undefined) throw markRefused(volume?.path ?? '', pv, problem)
  if (volume !== undefined) return volume
  throw new CephflexError('ENOVOLUME', `there is no volume ${pv} below ${provisioner.cluster.claimRoot}`)
}

/** Includes what follows the creation of claimRoot. A layout above it is not known before. */
async function previewCreate(provisioner: Provisioner, request: VolumeRequest): Promise<Outcome> {
  const facts = await inspectVolume(provisioner, request.names)
  const first = planCreateVolume(request, facts, now())
  if (facts.hasRoot) return first
  const { steps, again } = planCreateVolume(request, { ...facts, hasRoot: true }, now())
  const further = steps.filter(step => !first.steps.some(each => isDeepStrictEqual(each, step)))
  return { steps: [...first.steps, ...further], again, newRoot: true }
}

function withVolume(facts: VolumeFacts): { volume?: Volume } {
  const volume = describe(facts)
  return volume ? { volume } : {}
}

function now() {
  return new Date().toISOString()
}

async function applyPlan(
  provisioner: Provisioner,
  { steps }: Plan,
  { dryRun, signal }: ChangeOptions,
): Promise<Outcome> {
  if (!dryRun) await applySteps(provisioner, steps, signal)
  return { steps }
}

function describe({ volume, dataPath, cluster }: VolumeFacts): Volume | undefined {
  return volume.kind === 'ours'
    ? volumeOf(volume.marker, dataPath ?? '', volume.sizeBytes, cluster.fsName)
    : undefined
}
