import { monotonicMs } from '../core/clock.js'
import { files } from './files.js'

/** One event: its name and what belongs to it. Secrets in it print as `<masked>` by their type. */
export type Log = (event: string, fields?: Record<string, unknown>) => void

/** At this size the log is set aside; so many old ones are kept. */
const MAX_BYTES = 5 * 1024 * 1024
const KEPT = 3

const NAME = 'cephflex.log'

/**
 * JSON lines in `DIRECTORY/cephflex.log`, mode 0600; never stdout or stderr.
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
 * Sets a full log aside under a name of its own, so that two calls that do it
 * at the same moment lose nothing, and removes the oldest.
 */
function rotate(directory: string): void {
  const path = `${directory}/${NAME}`
  if (files.size(path) < MAX_BYTES) return
  const stamp = new Date().toISOString().replace(/[-:.]/g, '')
  try {
    files.rename(path, `${path}.${stamp}-${process.pid}`)
  } catch {
    return // another call was faster
  }
  const old = files
    .list(directory)
    .filter(name => name.startsWith(`${NAME}.`))
    .sort()
  for (const name of old.slice(0, -KEPT)) files.remove(`${directory}/${name}`)
}
