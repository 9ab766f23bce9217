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
 * The metrics of this node. Calls count nothing themselves, since they must be
 * fast: their log is read from where the last run stopped, and the counts are
 * kept beside it, so that they outlive both the log's rotation and a reboot.
 *
 * @throws CephflexError ELOCKED, ENORUNDIR.
 */
export async function nodeMetrics(system: System): Promise<string> {
  const { files, config } = system
  prepareDirectories(system)
  files.secureDirectory(config.logDirectory)
  const memory = `${config.logDirectory}/metrics.json`
  const [mounts, lock] = await Promise.all([
    nodeStatus(system),
    system.lock(`${config.runDirectory}/locks/metrics`, 'metrics', LOCK_MS),
  ])
  try {
    const counters = parseCounters(files.read(memory))
    const { text, readTo } = unreadLines(
      logFiles(system).map(path => files.read(path) ?? ''),
      counters.readTo,
    )
    countLogLines(counters, parseLog(text))
    counters.readTo = readTo
    files.replace(memory, JSON.stringify(counters))
    return metricsText(counters, mounts, VERSION)
  } finally {
    lock.release()
  }
}
