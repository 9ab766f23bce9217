import { CephflexError } from '../../core/errors.js'

export type Supervision = {
  /** Aborted with a CephflexError as soon as the work cannot succeed any more. */
  signal: AbortSignal
  /** Ends the work when this settles. @param reason is asked for the error then. */
  failWhen: (ended: Promise<unknown>, reason: () => Error) => void
}

/**
 * Does some work under supervision. Whatever makes it hopeless (the caller, the
 * deadline, a death among its children) ends it at once, and is the error that
 * is thrown: not the one that followed from it. `undo` is done before that.
 *
 * @param limitMs deadline for the whole work, without `undo`.
 * @throws CephflexError EINTERRUPTED (`outer` was aborted), ECLUSTER (deadline), what `failWhen` was told, or what the
 *   work throws.
 */
export async function supervised<T>(
  { outer, limitMs, undo }: { outer?: AbortSignal | undefined; limitMs: number; undo: () => Promise<void> },
  work: (guard: Supervision) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  const interrupt = () =>
    controller.abort(
      new CephflexError('EINTERRUPTED', 'interrupted by a signal', {
        hint: 'nothing was left behind; start it again',
      }),
    )
  const expire = () => controller.abort(new CephflexError('ECLUSTER', `not ready within ${limitMs / 1000} s`))
  const timer = setTimeout(expire, limitMs)
  if (outer?.aborted) interrupt()
  outer?.addEventListener('abort', interrupt)
  try {
    const failWhen: Supervision['failWhen'] = (ended, reason) =>
      void ended.then(() => controller.abort(reason()))
    const result = await work({ signal, failWhen })
    signal.throwIfAborted()
    return result
  } catch (error) {
    // a dying daemon first breaks connections; its own words are worth the wait
    if (!signal.aborted) await new Promise(resolve => setTimeout(resolve, 20))
    const cause = signal.aborted ? signal.reason : error
    controller.abort(cause)
    await undo()
    throw cause
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', interrupt)
  }
}
