import { monotonicMs } from '../core/clock.js'
import { files } from './files.js'

/** Logs one event with its fields. Keys print as `<masked>`, by their type. */
export type Log = (event: string, fields?: Record<string, unknown>) => void

/** The log is rotated at this size. */
const MAX_BYTES = 5 * 1024 * 1024
/** Number of rotated logs that are kept. */
const KEPT = 3

const NAME = 'cephflex.log'

/**
 * Writes JSON lines to `DIRECTORY/cephflex.log`, mode 0600; never to stdout or stderr.
 * A log that cannot be written never fails a call.
 */
export function makeLog(directory: string, context: Record<string, unknown>): Log {
  const start = monotonicMs()
  let isReady: boolean | undefined
  const prepare = () => {
    try {
      files.secureDirectory(directory)
      rotate(directory)
      return true
    } catch {
      return false
    }
  }
  return (event, fields = {}) => {
    isReady ??= prepare()
    if (!isReady) return
    const ms = Math.round(monotonicMs() - start)
    const line = JSON.stringify({ time: new Date().toISOString(), ...context, ms, event, ...fields })
    try {
      files.append(`${directory}/${NAME}`, `${line}\n`)
    } catch {
      // a full or read-only disk must not stop a mount
    }
  }
}

/**
 * Renames a full log to a unique name, so that two calls that do it at the same
 * time lose nothing. Removes the oldest logs.
 */
function rotate(directory: string): void {
  const path = `${directory}/${NAME}`
  if (files.size(path) < MAX_BYTES) return
  const stamp = new Date().toISOString().replace(/[-:.]/g, '')
  try {
    files.rename(path, `${path}.${stamp}-${process.pid}`)
  } catch {
    return // another call was faster, or the directory refuses changes
  }
  const old = files
    .list(directory)
    .filter(name => name.startsWith(`${NAME}.`))
    .sort()
  for (const name of old.slice(0, -KEPT)) files.tryRemove(`${directory}/${name}`)
}
