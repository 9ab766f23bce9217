import { NAMESPACE_UID_ANNOTATION } from '../../core/kubernetes/annotations.js'
import { type KubeObject, type PersistentVolume, pathOf } from '../../core/kubernetes/objects.js'
import {
  type ClaimRef,
  tenantVolumeNames,
  type VolumeNames,
  volumeNames,
} from '../../core/provision/names.js'
import type { Parameters } from '../../core/provision/parameters.js'
import { tenantFor } from '../../core/provision/tenant.js'
import type { ClusterInfo } from '../../core/provision/volume.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import type { VolumeHints } from '../provision/locate.js'

/** What the names of a volume follow from. `namespaceUid` only with `userPer: namespace`. */
type NamedAfter = {
  pv: string
  parameters: Parameters
  claim: { namespace?: string; name?: string }
  namespaceUid: string | undefined
}

/** All names of a volume that belong to it. @throws CephflexError EBADVOLUME. */
export function namesOf(
  { pv, parameters, claim, namespaceUid }: NamedAfter,
  cluster: ClusterInfo,
): VolumeNames {
  if (namespaceUid !== undefined)
    return tenantVolumeNames(pv, tenantFor(namespaceUid, cluster, parameters.pool))
  return volumeNames(pv, cluster.backend, claimInNames(parameters, claim))
}

/** How to find the volume of a PersistentVolume in the cluster. @throws CephflexError EBADVOLUME. */
export function hintsFor(
  { metadata }: PersistentVolume,
  parameters: Parameters,
  claim: { namespace?: string; name?: string },
  cluster: ClusterInfo,
): VolumeHints {
  const namespaceUid = metadata.annotations?.[NAMESPACE_UID_ANNOTATION]
  if (parameters.userPer === 'namespace' && namespaceUid !== undefined)
    return { names: namesOf({ pv: metadata.name, parameters, claim, namespaceUid }, cluster) }
  return { claim: claimInNames(parameters, claim) }
}

/**
 * The uid of the Kubernetes namespace whose user the volume of a claim has; undefined if the volume has its own. A claim
 * with a finalizer keeps its namespace.
 *
 * @throws ApiError.
 */
export async function namespaceUidFor(
  client: KubeClient,
  { userPer }: Parameters,
  { namespace = 'default' }: { namespace?: string },
): Promise<string | undefined> {
  if (userPer === 'volume') return undefined
  return (await client.get<KubeObject>(pathOf.namespace(namespace))).metadata.uid
}

/** The claim that a volume is named after; undefined without deterministic names. */
function claimInNames(
  { deterministicNames }: Parameters,
  { namespace = '', name = '' }: { namespace?: string; name?: string },
): ClaimRef | undefined {
  return deterministicNames ? { namespace, name } : undefined
}
