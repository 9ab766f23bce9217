import type { ControllerSettings } from '../../core/controller/settings.js'
import type { Operation } from '../../core/controller/stats.js'
import type { CephflexError } from '../../core/errors.js'
import type { EventContent } from '../../core/kubernetes/event.js'
import type { Claim, KubeObject, PersistentVolume, StorageClass } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import type { Informer } from '../../system/kubernetes/informer.js'
import type { Sessions } from './sessions.js'

/** What looking after an object needs. */
export type ReconcileContext = {
  client: KubeClient
  settings: ControllerSettings
  claims: Informer<Claim>
  volumes: Informer<PersistentVolume>
  classes: Informer<StorageClass>
  sessions: Sessions
  /** An event that people see at the object. */
  recordEvent: (object: KubeObject, kind: string, content: EventContent) => void
  /** Times an operation, counts and logs its result, and tells a failure. Passes on what it throws. */
  operation: <T>(about: OperationSubject, work: () => Promise<T>) => Promise<T>
  /** A refusal that no retry mends: told, not thrown. */
  refused: (about: Omit<OperationSubject, 'operation'>, error: CephflexError) => void
}

export type OperationSubject = {
  operation: Operation
  object: KubeObject
  kind: 'PersistentVolumeClaim' | 'PersistentVolume'
  /** Of the event of a failure. */
  reason: string
}
