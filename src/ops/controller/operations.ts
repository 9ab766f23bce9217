import { countOperation, type Stats } from '../../core/controller/stats.js'
import { CephflexError, toCephflexError } from '../../core/errors.js'
import { isConflict } from '../../core/kubernetes/api-error.js'
import { failureEvent } from '../../core/kubernetes/event.js'
import { objectKey } from '../../core/kubernetes/objects.js'
import { maskKeys } from '../../core/text/printable.js'
import type { ReconcileContext } from './context.js'

/** Writes one line of the controller's log. */
export type ControllerLog = (event: string, fields: Record<string, unknown>) => void

type OperationTools = Pick<ReconcileContext, 'recordEvent' | 'announce' | 'operation' | 'refused'>

/** Who waits longer wants to know for what. Events of quick operations would only cost requests. */
const ANNOUNCE_MS = 1_000

/** Makes the functions that time, count and log operations, and record their events. */
export function makeOperationTools(
  recordEvent: ReconcileContext['recordEvent'],
  log: ControllerLog,
  stats: Stats,
): OperationTools {
  return {
    recordEvent,
    announce: (...event) => {
      const timer = setTimeout(() => recordEvent(...event), ANNOUNCE_MS)
      return () => clearTimeout(timer)
    },
    refused: ({ object, kind, reason }, error) => {
      log('refused', { kind, object: objectKey(object), code: error.code, message: error.message })
      recordEvent(object, kind, failureEvent(reason, error))
    },
    operation: async ({ operation, object, kind, reason }, work) => {
      const begin = performance.now()
      const done = (result: string, fields: Record<string, unknown> = {}) => {
        const ms = Math.round(performance.now() - begin)
        countOperation(stats, operation, result, ms / 1000)
        log(operation, { kind, object: objectKey(object), result, ms, ...fields })
      }
      try {
        const answer = await work()
        done('success')
        return answer
      } catch (error) {
        if (!isTransient(error)) {
          const known = toCephflexError(error)
          done(known.code, { message: known.message, ...detailOf(error) })
          recordEvent(object, kind, failureEvent(reason, known))
        }
        throw error
      }
    },
  }
}

/** Whether an operation was aborted, or its object changed at this moment. It is retried without an event. */
function isTransient(error: unknown): boolean {
  return isConflict(error) || (error instanceof Error && error.name === 'AbortError')
}

/** The stack of an unexpected error. A CephflexError needs none. */
function detailOf(error: unknown): { stack?: string } {
  return error instanceof Error && !(error instanceof CephflexError)
    ? { stack: maskKeys(error.stack ?? '') }
    : {}
}
