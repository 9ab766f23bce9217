import { type LogLine, parseLog } from '../../core/node/log-lines.js'
import type { System } from '../../system/system.js'

const NAME = 'cephflex.log'

/** All lines of the log files that still exist, the oldest first. */
export function readLog(system: System): LogLine[] {
  return logFiles(system).flatMap(path => parseLog(system.files.tryRead(path) ?? ''))
}

/** The log files, the oldest first; the last one is being written. */
export function logFiles({ files, config }: System): string[] {
  const directory = config.logDirectory
  const old = files
    .list(directory)
    .filter(name => name.startsWith(`${NAME}.`))
    .sort()
  return [...old, NAME].map(name => `${directory}/${name}`)
}
