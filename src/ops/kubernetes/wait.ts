import { setTimeout as delay } from 'node:timers/promises'

/** Waits for something, but not for ever. */
export function within(ms: number, work: Promise<unknown>): Promise<unknown> {
  return Promise.race([work, delay(ms, undefined, { ref: false })])
}

/** Until a signal is aborted, or at once if it was. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
