import { setTimeout as delay } from 'node:timers/promises'
import type { ControllerSettings } from '../../core/controller/settings.js'
import { type Gauges, newStats, type Stats, statsText } from '../../core/controller/stats.js'
import { toCephflexError } from '../../core/errors.js'
import { type KubeObject, objectKey } from '../../core/kubernetes/objects.js'
import { maskKeys } from '../../core/text/printable.js'
import { VERSION } from '../../core/version.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { type Page, serveHttp } from '../../system/kubernetes/http-server.js'
import type { System } from '../../system/system.js'
import type { LeaseOptions } from '../kubernetes/elector.js'
import { makeEventRecorder } from '../kubernetes/event-recorder.js'
import { lead } from '../kubernetes/leader.js'
import { makeQueue } from '../kubernetes/queue.js'
import { aborted, within } from '../kubernetes/wait.js'
import type { ReconcileContext } from './context.js'
import { type Informers, makeInformers, type Queues } from './informers.js'
import { type ControllerLog, makeOperationTools } from './operations.js'
import { reconcileClaim } from './reconcile-claim.js'
import { reconcileVolume } from './reconcile-volume.js'
import { makeSessions, type Sessions } from './sessions.js'

export type ControllerOptions = {
  settings: ControllerSettings
  lease: Omit<LeaseOptions, 'onProblem'>
  /** Claims that are reconciled at once. */
  workers: number
  /** The address of `/healthz`, `/readyz` and `/metrics`. */
  listen: { host?: string | undefined; port: number }
  log: ControllerLog
}

/** Volumes that are deleted at once. They share a session, and take turns of some seconds. */
const REMOVERS = 3
/** How long work in progress may take after a stop signal, and then closing the sessions. A pod is killed after 30 s. */
const STOP_MS = 15_000
const CLOSE_MS = 5_000
const POLL_MS = 50

/**
 * Reconciles the claims and volumes of its provisioners until the signal is
 * aborted. One of several replicas works; the others keep their informers
 * running and wait for the Lease.
 *
 * @throws CephflexError ELEASE if this replica lost its Lease: the process must
 *   exit at once. EUSAGE if it cannot listen.
 */
export async function runController(
  { settings, lease, workers, listen, log }: ControllerOptions,
  client: KubeClient,
  system: System,
  signal: AbortSignal,
): Promise<void> {
  const onProblem = (error: Error) => {
    if (!signal.aborted)
      log('problem', { code: toCephflexError(error).code, message: maskKeys(error.message) })
  }
  const queues = { claims: makeQueue({ workers }), volumes: makeQueue({ workers: REMOVERS }) }
  const informers = makeInformers(client, queues, onProblem)
  const recorder = makeEventRecorder(client, lease.me, onProblem)
  const stats = newStats()
  /** Set only while this replica leads. */
  let sessions: Sessions | undefined

  const gauges = (): Gauges => ({
    leads: sessions !== undefined,
    synced: areSynced(informers),
    waiting: queues.claims.size() + queues.volumes.size(),
    sessions: sessions?.count() ?? 0,
    version: VERSION,
  })
  const http = await serveHttp(listen, makePages(gauges, stats))
  log('listening', { port: http.port, provisioners: settings.provisioners, me: lease.me })

  const work = async ({ metadata }: KubeObject, until: AbortSignal): Promise<void> => {
    const openSessions = makeSessions(system, client, metadata.uid ?? '')
    sessions = openSessions
    log('leading', { lease: objectKey({ metadata }) })
    while (!areSynced(informers) && !until.aborted) await delay(POLL_MS)
    const tools = makeOperationTools(recorder.record, log, stats)
    const ended = reconcile(
      { client, settings, sessions: openSessions, outdated: new Map(), ...informers, ...tools },
      queues,
      until,
    )
    await aborted(until)
    log('stopping', { waiting: gauges().waiting })
    await within(STOP_MS, ended)
    await within(CLOSE_MS, Promise.all([recorder.flush(), openSessions.close()]))
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

/** The pages for probes and for Prometheus. */
function makePages(gauges: () => Gauges, stats: Stats): Record<string, Page> {
  return {
    '/healthz': () => ({ status: 200, text: 'ok\n' }),
    '/readyz': () =>
      gauges().synced ? { status: 200, text: 'ok\n' } : { status: 503, text: 'objects not listed yet\n' },
    '/metrics': () => ({ status: 200, text: statsText(stats, gauges()) }),
  }
}

function areSynced(informers: Informers): boolean {
  return Object.values<{ isSynced: () => boolean }>(informers).every(each => each.isSynced())
}

/** Works through the queues until the signal is aborted and all work in progress has ended. */
async function reconcile(context: ReconcileContext, queues: Queues, until: AbortSignal): Promise<void> {
  await Promise.all([
    queues.claims.run((key, signal) => reconcileClaim(context, key, signal), until),
    queues.volumes.run((key, signal) => reconcileVolume(context, key, signal), until),
  ])
}
