import { count, type Stats } from '../../core/controller/stats.js'
import { DriverError, toDriverError } from '../../core/errors.js'
import { isConflict } from '../../core/kubernetes/api-error.js'
import { failure } from '../../core/kubernetes/event.js'
import { keyOf } from '../../core/kubernetes/objects.js'
import { maskKeys } from '../../core/text/printable.js'
import type { Context } from './context.js'

/** Writes one line of the controller's log. */
export type Log = (event: string, fields: Record<string, unknown>) => void

/** Ended from outside, or somebody changed the object at this moment: nothing to tell, it is done again. */
const isOrdinary = (error: unknown): boolean =>
  isConflict(error) || (error instanceof Error && error.name === 'AbortError')

/** Where a defect is; other errors say enough. */
const detailOf = (error: unknown): { stack?: string } =>
  error instanceof Error && !(error instanceof DriverError) ? { stack: maskKeys(error.stack ?? '') } : {}

type Tools = Pick<Context, 'tell' | 'operation' | 'refused'>

/** How operations are timed, counted, logged, and told to people. */
export const makeTools = (tell: Context['tell'], log: Log, stats: Stats): Tools => ({
  tell,
  refused: ({ object, kind, reason }, error) => {
    log('refused', { kind, object: keyOf(object), code: error.code, message: error.message })
    tell(object, kind, failure(reason, error))
  },
  operation: async ({ operation, object, kind, reason }, work) => {
    const begin = performance.now()
    const done = (result: string, fields: Record<string, unknown> = {}) => {
      const ms = Math.round(performance.now() - begin)
      count(stats, operation, result, ms / 1000)
      log(operation, { kind, object: keyOf(object), result, ms, ...fields })
    }
    try {
      const answer = await work()
      done('success')
      return answer
    } catch (error) {
      if (!isOrdinary(error)) {
        const known = toDriverError(error)
        done(known.code, { message: known.message, ...detailOf(error) })
        tell(object, kind, failure(reason, known))
      }
      throw error
    }
  },
})
