import { monotonicMs } from '../../core/clock.js'
import { type CephflexError, toCephflexError } from '../../core/errors.js'
import { newAttempts } from '../../core/recover/attempts.js'
import type { RecoveryReport } from '../../core/recover/recovery.js'
import { asyncFiles } from '../../system/programs.js'
import type { System } from '../../system/system.js'
import { nodeMetrics } from '../node/metrics.js'
import { requireRoot } from '../target/require-root.js'
import { makeLook } from './look.js'
import { type ReapReport, reapOrphans } from './reap.js'
import { recoverMounts } from './recover.js'

const LOOK_MS = 3_000
/** The kubelet removes the logs of a deleted pod within a minute, which `reap` waits for. */
const REAP_MS = 60_000
const METRICS_MS = 60_000

export type WatchOptions = {
  /** Only this target. */
  only?: string | undefined
  dryRun: boolean
  /** Reap every minute, with the kubelet's directory for the logs of pods. */
  reap?: { podLogs: string } | undefined
  /** Write the metrics of the node to this file, every minute and after a recovery. */
  metrics?: string | undefined
}

/** Told about what was done, and what went wrong. */
export type WatchListener = {
  recovered: (reports: readonly RecoveryReport[]) => void | Promise<void>
  reaped: (reports: readonly ReapReport[]) => void
  failed: (error: CephflexError) => void
}

/**
 * Recovers volumes within seconds after they were lost, until the signal. Looks at the node every three seconds, and
 * starts a process only for what is lost. An error stops nothing: it is told, and the next round tries again. A target
 * whose recovery fails is left alone for up to a minute. Two watches do the work once: each target has a lock.
 *
 * @param pause waits, but not beyond the signal.
 * @throws CephflexError ENOTROOT
 */
export async function watchNode(
  system: System,
  options: WatchOptions,
  listener: WatchListener,
  { signal, pause }: { signal: AbortSignal; pause: (ms: number) => Promise<void> },
): Promise<void> {
  requireRoot(system)
  const { reap, metrics } = options
  const every = async (ms: number, work: () => Promise<void>) => {
    while (!signal.aborted) {
      await work().catch(error => signal.aborted || listener.failed(toCephflexError(error)))
      await pause(ms)
    }
  }
  const publish = makePublisher(system, metrics)
  const told: WatchListener = {
    ...listener,
    recovered: async reports => {
      await listener.recovered(reports)
      await publish().catch(error => listener.failed(toCephflexError(error)))
    },
  }
  const recovery = makeRecovery(system, options, told, signal)
  await Promise.all([
    every(LOOK_MS, recovery.look),
    reap && every(REAP_MS, async () => listener.reaped(await reapOrphans(system, { ...options, ...reap }))),
    metrics && every(METRICS_MS, publish),
  ])
  await recovery.finish()
}

/** Writes the metrics if there is a file for them, one after the other. */
function makePublisher(system: System, file: string | undefined): () => Promise<void> {
  let last = Promise.resolve()
  return () => {
    const write = async () => {
      if (file !== undefined) await asyncFiles.publish(file, await nodeMetrics(system))
    }
    last = last.then(write, write)
    return last
  }
}

/** Recovers in the background: a cluster that is down must not keep the volumes of another one waiting. */
function makeRecovery(
  system: System,
  { only, dryRun }: WatchOptions,
  listener: WatchListener,
  signal: AbortSignal,
) {
  const look = makeLook(system)
  const attempts = newAttempts()
  const running = new Set<Promise<void>>()
  const recover = async (targets: readonly string[]) => {
    const reports = await recoverMounts(system, { among: targets, dryRun }).catch(error => {
      if (!signal.aborted) listener.failed(toCephflexError(error))
      return undefined
    })
    const news = targets.flatMap(target => {
      const report = reports?.find(each => each.target === target)
      const failure = reports === undefined ? 'error' : failureOf(report)
      return attempts.end(target, failure, monotonicMs()) && report !== undefined ? [report] : []
    })
    if (news.length > 0 && !signal.aborted) await listener.recovered(news.filter(isNews))
  }
  return {
    look: async () => {
      const suspects = (await look()).filter(target => only === undefined || target === only)
      const due = attempts.begin(suspects, monotonicMs())
      if (due.length === 0) return
      const work = recover(due).finally(() => running.delete(work))
      running.add(work)
    },
    finish: () => Promise.all(running),
  }
}

/** What makes a target wait before the next attempt. A dry run does nothing, so the need stays. */
function failureOf(report: RecoveryReport | undefined): string | undefined {
  if (report?.outcome === 'needed') return 'needed'
  return report?.outcome === 'failed' ? `${report.code}: ${report.message}` : undefined
}

/** A call that works on the target is no news: it mounts the volume itself. */
function isNews({ outcome, code }: RecoveryReport): boolean {
  return outcome !== 'failed' || code !== 'ELOCKED'
}
