import type { ControllerSettings } from '../../core/controller/settings.js'
import type { Operation } from '../../core/controller/stats.js'
import type { DriverError } from '../../core/errors.js'
import type { Told } from '../../core/kubernetes/event.js'
import type { Claim, KubeObject, PersistentVolume, StorageClass } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import type { Informer } from '../../system/kubernetes/informer.js'
import type { Sessions } from './sessions.js'

/** What looking after an object needs. */
export type Context = {
  client: KubeClient
  settings: ControllerSettings
  claims: Informer<Claim>
  volumes: Informer<PersistentVolume>
  classes: Informer<StorageClass>
  sessions: Sessions
  /** An event that people see at the object. */
  tell: (object: KubeObject, kind: string, told: Told) => void
  /** Times an operation, counts and logs its result, and tells a failure. Passes on what it throws. */
  operation: <T>(about: About, work: () => Promise<T>) => Promise<T>
  /** A refusal that no retry mends: told, not thrown. */
  refused: (about: Omit<About, 'operation'>, error: DriverError) => void
}

export type About = {
  operation: Operation
  object: KubeObject
  kind: 'PersistentVolumeClaim' | 'PersistentVolume'
  /** Of the event of a failure. */
  reason: string
}
