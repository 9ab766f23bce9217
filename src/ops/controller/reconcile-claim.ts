import { classNameOf, volumeNameFor } from '../../core/controller/claim.js'
import { type ClaimDecision, type ClaimFacts, decideClaim } from '../../core/controller/decide-claim.js'
import { CLAIM_FINALIZER } from '../../core/kubernetes/annotations.js'
import { type Claim, type PersistentVolume, pathOf } from '../../core/kubernetes/objects.js'
import { claimPath, find, removeFinalizer } from '../kubernetes/api.js'
import type { ReconcileContext } from './context.js'
import { expand } from './expand.js'
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
 * Looks at a claim and does what is to be done about it. Decides twice: by
 * the copies, which costs nothing, and if there is something to do, by what
 * the API says now.
 *
 * @throws whatever the operation throws; it is to be called again then.
 */
export async function reconcileClaim(
  context: ReconcileContext,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const late = cachedFacts(context, key)
  if (late === undefined || decideClaim(late, context.settings).do === 'nothing') return
  const facts = await currentFacts(context, late.claim)
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
}

/** From the copies: may be late, and asks nobody. */
function cachedFacts({ claims, volumes, classes }: ReconcileContext, key: string): ClaimFacts | undefined {
  const claim = claims.get(key)
  return (
    claim && { claim, storageClass: classes.get(classNameOf(claim)), volume: volumes.get(volumeOf(claim)) }
  )
}

/** From the API itself. Classes do not change; a copy of them will do. */
async function currentFacts(
  { client, classes }: ReconcileContext,
  late: Claim,
): Promise<ClaimFacts | undefined> {
  const claim = await find<Claim>(client, claimPath(late))
  if (claim === undefined) return undefined
  const volume = await find<PersistentVolume>(client, pathOf.volume(volumeOf(claim)))
  return { claim, storageClass: classes.get(classNameOf(claim)), volume }
}

function volumeOf(claim: Claim): string {
  return claim.spec.volumeName || volumeNameFor(claim)
}
