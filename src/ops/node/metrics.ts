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
 * the counts next to it, so that they survive log rotation and a reboot.
 *
 * @throws CephflexError ELOCKED, ENORUNDIR.
 */
export async function nodeMetrics(system: System): Promise<string> {
  const { files, config } = system
  prepareDirectories(system)
  files.secureDirectory(config.logDirectory)
  const countersFile = `${config.logDirectory}/metrics.json`
  const [mounts, lock] = await Promise.all([
    nodeStatus(system),
    system.lock(`${config.runDirectory}/locks/metrics`, 'metrics', LOCK_MS),
  ])
  try {
    const counters = parseCounters(files.read(countersFile))
    const { text, readTo } = unreadLines(
      logFiles(system).map(path => files.read(path) ?? ''),
      counters.readTo,
    )
    countLogLines(counters, parseLog(text))
    counters.readTo = readTo
    files.replace(countersFile, JSON.stringify(counters))
    return metricsText(counters, mounts, VERSION)
  } finally {
    lock.release()
  }
}
