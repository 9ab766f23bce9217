import type { ControllerSettings } from '../../core/controller/settings.js'
import type { Operation } from '../../core/controller/stats.js'
import type { CephflexError } from '../../core/errors.js'
import type { EventContent } from '../../core/kubernetes/event.js'
import type { Claim, KubeObject, PersistentVolume, StorageClass } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import type { Informer } from '../../system/kubernetes/informer.js'
import type { Sessions } from './sessions.js'

/** What reconciling an object needs. */
export type ReconcileContext = {
  client: KubeClient
  settings: ControllerSettings
  claims: Informer<Claim>
  volumes: Informer<PersistentVolume>
  classes: Informer<StorageClass>
  sessions: Sessions
  /** Queues an event of the object. */
  recordEvent: (object: KubeObject, kind: string, content: EventContent) => void
  /** The same for what is about to be done, but only if it takes long. @returns ends the wait. */
  announce: (object: KubeObject, kind: string, content: EventContent) => () => void
  /** Versions of claims, by key, that this replica has changed itself: the informer gets a newer one. */
  outdated: Map<string, readonly (string | undefined)[]>
  /** Times an operation, counts and logs its result, and records an event if it fails. Rethrows. */
  operation: <T>(about: OperationSubject, work: () => Promise<T>) => Promise<T>
  /** Logs and records a refusal that no retry can fix. Does not throw. */
  refused: (about: Omit<OperationSubject, 'operation'>, error: CephflexError) => void
}

export type OperationSubject = {
  operation: Operation
  object: KubeObject
  kind: 'PersistentVolumeClaim' | 'PersistentVolume'
  /** The reason of the event if it fails. */
  reason: string
}
