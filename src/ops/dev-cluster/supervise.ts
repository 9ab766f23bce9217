import { CephflexError } from '../../core/errors.js'

export type Supervision = {
  /** Aborted with a CephflexError as soon as the work can no longer succeed. */
  signal: AbortSignal
  /** Aborts the work when `ended` resolves. @param reason makes the error. */
  failWhen: (ended: Promise<unknown>, reason: () => Error) => void
}

/**
 * Runs `work` under supervision. The caller's signal, the deadline or the death
 * of a child aborts it at once. Then runs `undo`, and throws the root cause, not
 * the errors that followed from it.
 *
 * @param limitMs deadline for `work`, without `undo`.
 * @throws CephflexError EINTERRUPTED (`outer` was aborted), ECLUSTER (deadline), the reason passed to `failWhen`, or what
 *   `work` throws.
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
    // a dying daemon breaks connections before it exits; wait for its own message
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
