import { setTimeout as delay } from 'node:timers/promises'
import type { ControllerSettings } from '../../core/controller/settings.js'
import { newStats, statsText } from '../../core/controller/stats.js'
import { toDriverError } from '../../core/errors.js'
import { type KubeObject, keyOf } from '../../core/kubernetes/objects.js'
import { maskKeys } from '../../core/text/printable.js'
import { VERSION } from '../../core/version.js'
import type { KubeClient } from '../../system/kubernetes/client.js'
import { serveHttp } from '../../system/kubernetes/http-server.js'
import type { System } from '../../system/system.js'
import type { LeaseOptions } from '../kubernetes/elector.js'
import { makeRecorder } from '../kubernetes/event-recorder.js'
import { lead } from '../kubernetes/leader.js'
import { makeQueue } from '../kubernetes/queue.js'
import { aborted, within } from '../kubernetes/wait.js'
import type { Context } from './context.js'
import { makeCopies } from './informers.js'
import { type Log, makeTools } from './operations.js'
import { tendClaim } from './reconcile-claim.js'
import { tendVolume } from './reconcile-volume.js'
import { makeSessions } from './sessions.js'

export type ControllerOptions = {
  settings: ControllerSettings
  lease: Omit<LeaseOptions, 'onProblem'>
  /** Claims that are worked on at once. */
  workers: number
  /** Where `/healthz`, `/readyz` and `/metrics` are. */
  listen: { host?: string | undefined; port: number }
  log: Log
}

/** Volumes that are removed at once: they share a session, in which each has turns of some seconds. */
const REMOVERS = 3
/** How long what was begun may take when the controller is asked to end, and then saying goodbye: a pod is killed after 30 s. */
const STOP_MS = 15_000
const GOODBYE_MS = 5_000
const POLL_MS = 50

/**
 * Looks after claims and volumes of its provisioners until the signal is
 * aborted; of several replicas one works, the others hold copies and wait.
 *
 * @throws DriverError ELEASE if this replica lost its lease: the process must
 *   end at once. EUSAGE if it cannot listen.
 */
export const runController = async (
  { settings, lease, workers, listen, log }: ControllerOptions,
  client: KubeClient,
  system: System,
  signal: AbortSignal,
): Promise<void> => {
  const stats = newStats()
  const held = { id: '' }
  const onProblem = (error: Error) => {
    if (!signal.aborted) log('problem', { code: toDriverError(error).code, message: maskKeys(error.message) })
  }
  const sessions = makeSessions(system, client, () => held.id)
  const recorder = makeRecorder(client, lease.me, onProblem)
  const queues = {
    claims: makeQueue({ workers, work: (key, until) => tendClaim(context, key, until) }),
    volumes: makeQueue({ workers: REMOVERS, work: (key, until) => tendVolume(context, key, until) }),
  }
  const copies = makeCopies(client, queues, onProblem)
  const tools = makeTools(recorder.tell, log, stats)
  const context: Context = { client, settings, sessions, ...copies, ...tools }
  const isSynced = () => Object.values<{ isSynced: () => boolean }>(copies).every(each => each.isSynced())
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
    log('leading', { lease: keyOf({ metadata }) })
    while (!isSynced() && !until.aborted) await delay(POLL_MS)
    const ended = Promise.all([queues.claims.run(until), queues.volumes.run(until)])
    await aborted(until)
    log('stopping', { waiting: waiting() })
    await within(STOP_MS, ended)
    await within(GOODBYE_MS, Promise.all([recorder.flush(), sessions.close()]))
  }
  const watching = new AbortController()
  const watches = Promise.all(Object.values(copies).map(each => each.run(watching.signal)))
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
