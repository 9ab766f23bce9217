import { setTimeout as delay } from 'node:timers/promises'
import type { ControllerSettings } from '../../core/controller/settings.js'
import { newStats, statsText } from '../../core/controller/stats.js'
import { toCephflexError } from '../../core/errors.js'
import { type KubeObject, objectKey } from '../../core/kubernetes/objects.js'
import { maskKeys } from '../../core/text/printable.js'
import { VERSION } from '../../core/version.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { serveHttp } from '../../system/kubernetes/http-server.js'
import type { System } from '../../system/system.js'
import type { LeaseOptions } from '../kubernetes/elector.js'
import { makeEventRecorder } from '../kubernetes/event-recorder.js'
import { lead } from '../kubernetes/leader.js'
import { makeQueue } from '../kubernetes/queue.js'
import { aborted, within } from '../kubernetes/wait.js'
import type { ReconcileContext } from './context.js'
import { makeInformers } from './informers.js'
import { type ControllerLog, makeOperationTools } from './operations.js'
import { reconcileClaim } from './reconcile-claim.js'
import { reconcileVolume } from './reconcile-volume.js'
import { makeSessions } from './sessions.js'

export type ControllerOptions = {
  settings: ControllerSettings
  lease: Omit<LeaseOptions, 'onProblem'>
  /** Claims that are worked on at once. */
  workers: number
  /** Where `/healthz`, `/readyz` and `/metrics` are. */
  listen: { host?: string | undefined; port: number }
  log: ControllerLog
}

/** Volumes that are removed at once: they share a session, in which each has turns of some seconds. */
const REMOVERS = 3
/** How long what was begun may take when the controller is asked to end, and then saying goodbye: a pod is killed after 30 s. */
const STOP_MS = 15_000
const GOODBYE_MS = 5_000
const POLL_MS = 50

/**
 * Looks after claims and volumes of its provisioners until the signal is
 * aborted; of several replicas one works, the others keep their informers running and wait.
 *
 * @throws CephflexError ELEASE if this replica lost its lease: the process must
 *   end at once. EUSAGE if it cannot listen.
 */
export async function runController(
  { settings, lease, workers, listen, log }: ControllerOptions,
  client: KubeClient,
  system: System,
  signal: AbortSignal,
): Promise<void> {
  const stats = newStats()
  const held = { id: '' }
  const onProblem = (error: Error) => {
    if (!signal.aborted)
      log('problem', { code: toCephflexError(error).code, message: maskKeys(error.message) })
  }
  const sessions = makeSessions(system, client, () => held.id)
  const recorder = makeEventRecorder(client, lease.me, onProblem)
  const queues = {
    claims: makeQueue({ workers, work: (key, until) => reconcileClaim(context, key, until) }),
    volumes: makeQueue({ workers: REMOVERS, work: (key, until) => reconcileVolume(context, key, until) }),
  }
  const informers = makeInformers(client, queues, onProblem)
  const tools = makeOperationTools(recorder.record, log, stats)
  const context: ReconcileContext = { client, settings, sessions, ...informers, ...tools }
  const isSynced = () => Object.values<{ isSynced: () => boolean }>(informers).every(each => each.isSynced())
  const waiting = () => queues.claims.size() + queues.volumes.size()

  const http = await serveHttp(listen, {
    '/healthz': () => ({ status: 200, text: 'ok\n' }),
    '/readyz': () => (isSynced() ? { status: 200, text: 'ok\n' } : { status: 503, text: 'not listed yet\n' }),
    '/metrics': () => ({
      status: 200,
      text: statsText(stats, {
        leads: held.id !== '',
        synced: isSynced(),
        waiting: waiting(),
        sessions: sessions.count(),
        version: VERSION,
      }),
    }),
  })
  log('listening', { port: http.port, provisioners: settings.provisioners, me: lease.me })

  const work = async ({ metadata }: KubeObject, until: AbortSignal): Promise<void> => {
    held.id = metadata.uid ?? ''
    log('leading', { lease: objectKey({ metadata }) })
    while (!isSynced() && !until.aborted) await delay(POLL_MS)
    const ended = Promise.all([queues.claims.run(until), queues.volumes.run(until)])
    await aborted(until)
    log('stopping', { waiting: waiting() })
    await within(STOP_MS, ended)
    await within(GOODBYE_MS, Promise.all([recorder.flush(), sessions.close()]))
  }
  const watching = new AbortController()
  const watches = Promise.all(Object.values(informers).map(each => each.run(watching.signal)))
  try {
    await lead(client, { ...lease, onProblem }, signal, work)
  } finally {
    watching.abort()
    await watches
    await http.close()
    client.close()
  }
  log('ended', {})
}
