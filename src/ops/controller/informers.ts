import { classNameOf } from '../../core/controller/claim.js'
import {
  type Claim,
  objectKey,
  type PersistentVolume,
  RESOURCES,
  type StorageClass,
} from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { informer } from '../../system/kubernetes/informer.js'
import type { Queue } from '../kubernetes/queue.js'
import type { ReconcileContext } from './context.js'

/** The keys of claims and PersistentVolumes to reconcile. */
export type Queues = { claims: Queue; volumes: Queue }

export type Informers = Pick<ReconcileContext, 'claims' | 'volumes' | 'classes'>

/** Informers for all relevant objects. Each change queues the objects that it concerns. */
export function makeInformers(
  client: KubeClient,
  queues: Queues,
  onProblem: (error: Error) => void,
): Informers {
  const claims = informer<Claim>(client, {
    path: RESOURCES.claims,
    onChange: key => queues.claims.add(key),
    onProblem,
  })
  const volumes = informer<PersistentVolume>(client, {
    path: RESOURCES.volumes,
    onChange: (key, { spec: { claimRef } }) => {
      queues.volumes.add(key)
      if (claimRef?.name) queues.claims.add(`${claimRef.namespace}/${claimRef.name}`)
    },
    onProblem,
  })
  const classes = informer<StorageClass>(client, {
    path: RESOURCES.classes,
    onChange: key => {
      for (const claim of claims.all()) if (classNameOf(claim) === key) queues.claims.add(objectKey(claim))
    },
    onProblem,
  })
  return { claims, volumes, classes }
}
