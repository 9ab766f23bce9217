import { classNameOf, volumeNameFor } from '../../core/controller/claim.js'
import { type ClaimDecision, type ClaimFacts, decideClaim } from '../../core/controller/decide-claim.js'
import { CLAIM_FINALIZER } from '../../core/kubernetes/annotations.js'
import { isConflict } from '../../core/kubernetes/api-error.js'
import { type Claim, hasFinalizer, type PersistentVolume, pathOf } from '../../core/kubernetes/objects.js'
import { claimPath, find, removeFinalizer } from '../kubernetes/api.js'
import type { ReconcileContext } from './context.js'
import { expand, finishExpansion } from './expand.js'
import { provision } from './provision.js'
import { undoProvision } from './remove.js'

const KIND = 'PersistentVolumeClaim'

type Actions = {
  [K in ClaimDecision['do']]: (
    context: ReconcileContext,
    facts: ClaimFacts,
    decision: Extract<ClaimDecision, { do: K }>,
    signal: AbortSignal,
  ) => Promise<void>
}

/**
 * Decides what a claim needs, and does it. Decides twice: with the informers'
 * objects, which costs nothing, and if there is something to do, with the
 * current objects from the API. Only a volume is created at once: its first
 * step is a change that the API refuses if the claim is not current.
 *
 * @throws what the operation throws; call it again then.
 */
export async function reconcileClaim(
  context: ReconcileContext,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const cached = cachedFacts(context, key)
  if (cached === undefined || isOutdated(context, key, cached.claim)) return
  const decision = decideClaim(cached, context.settings)
  if (decision.do === 'nothing') return
  if (decision.do === 'provision' && !hasFinalizer(cached.claim, CLAIM_FINALIZER)) {
    try {
      return await ACTIONS.provision(context, cached, decision, signal)
    } catch (error) {
      if (!isConflict(error)) throw error
    }
  }
  await decideAgain(context, cached.claim, signal)
}

/** Whether this replica itself has changed the claim after this version: it is reconciled again with the new one. */
function isOutdated({ outdated }: ReconcileContext, key: string, { metadata }: Claim): boolean {
  if (outdated.get(key)?.includes(metadata.resourceVersion)) return true
  outdated.delete(key)
  return false
}

async function decideAgain(context: ReconcileContext, claim: Claim, signal: AbortSignal): Promise<void> {
  const facts = await currentFacts(context, claim)
  if (facts === undefined) return
  const decision = decideClaim(facts, context.settings)
  const act = ACTIONS[decision.do] as Actions['nothing']
  await act(context, facts, decision as never, signal)
}

const ACTIONS: Actions = {
  nothing: async () => undefined,
  refuse: async (context, { claim }, { reason, error }) =>
    context.refused({ object: claim, kind: KIND, reason }, error),
  'remove finalizer': ({ client }, { claim }) =>
    removeFinalizer(client, claimPath(claim), claim, CLAIM_FINALIZER),
  provision: (context, { claim }, decision, signal) =>
    context.operation(
      { operation: 'provision', object: claim, kind: KIND, reason: 'ProvisioningFailed' },
      () => provision(context, claim, decision, signal),
    ),
  undo: (context, { claim }, decision, signal) =>
    context.operation(
      { operation: 'undo', object: claim, kind: KIND, reason: 'ProvisioningCleanupFailed' },
      () => undoProvision(context, claim, decision, signal),
    ),
  expand: (context, { claim, volume }, { sizeBytes }, signal) =>
    context.operation({ operation: 'expand', object: claim, kind: KIND, reason: 'VolumeResizeFailed' }, () =>
      expand(context, claim, volume as PersistentVolume, sizeBytes, signal),
    ),
  'finish expansion': ({ client }, { claim }) =>
    finishExpansion(client, claim, claim.status?.capacity?.['storage'] ?? ''),
}

/** From the informers: may be outdated, needs no request. */
function cachedFacts({ claims, volumes, classes }: ReconcileContext, key: string): ClaimFacts | undefined {
  const claim = claims.get(key)
  return (
    claim && { claim, storageClass: classes.get(classNameOf(claim)), volume: volumes.get(volumeOf(claim)) }
  )
}

/** From the API. A StorageClass does not change, so the informer's object will do. */
async function currentFacts(
  { client, classes }: ReconcileContext,
  cached: Claim,
): Promise<ClaimFacts | undefined> {
  const claim = await find<Claim>(client, claimPath(cached))
  if (claim === undefined) return undefined
  const volume = await find<PersistentVolume>(client, pathOf.volume(volumeOf(claim)))
  return { claim, storageClass: classes.get(classNameOf(claim)), volume }
}

function volumeOf(claim: Claim): string {
  return claim.spec.volumeName || volumeNameFor(claim)
}
