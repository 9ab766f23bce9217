import { toCephflexError } from '../../core/errors.js'
import { parseLog } from '../../core/node/log-lines.js'
import { countLogLines, parseCounters, unreadLines } from '../../core/node/metrics.js'
import { metricsText } from '../../core/node/metrics-text.js'
import { VERSION } from '../../core/version.js'
import type { System } from '../../system/system.js'
import { prepareDirectories } from '../target/target-files.js'
import { logFiles } from './read-log.js'
import { nodeStatus } from './status.js'

const LOCK_MS = 10_000

/**
 * The metrics of this node, as Prometheus text. Calls count nothing, since they
 * must be fast. This reads their log from where the last run stopped and keeps
 * the counts next to it, so that they survive log rotation and a reboot. On a
 * disk that refuses them, the next run counts the same lines again.
 *
 * @throws CephflexError ELOCKED.
 */
export async function nodeMetrics(system: System): Promise<string> {
  const { files, config } = system
  prepareIfPossible(system)
  const countersFile = `${config.logDirectory}/metrics.json`
  const [mounts, lock] = await Promise.all([
    nodeStatus(system),
    system.lock(`${config.runDirectory}/locks/metrics`, 'metrics', LOCK_MS, true),
  ])
  try {
    const counters = parseCounters(files.tryRead(countersFile))
    const { text, readTo } = unreadLines(
      logFiles(system).map(path => files.tryRead(path) ?? ''),
      counters.readTo,
    )
    countLogLines(counters, parseLog(text))
    counters.readTo = readTo
    const problem = saveCounters(system, countersFile, JSON.stringify(counters))
    if (problem !== undefined) system.log('metrics not kept', { problem })
    return metricsText(counters, mounts, VERSION)
  } finally {
    lock.release()
  }
}

/** On a full disk the lock is missing as well, which counts some lines twice at worst. */
function prepareIfPossible(system: System): void {
  try {
    prepareDirectories(system)
  } catch (error) {
    system.log('not locked', { reason: toCephflexError(error).message })
  }
}

function saveCounters({ files, config }: System, path: string, text: string): string | undefined {
  try {
    files.secureDirectory(config.logDirectory)
  } catch (error) {
    return toCephflexError(error).message
  }
  return files.tryReplace(path, text)
}
