import { setTimeout as delay } from 'node:timers/promises'

/** Waits for something, but not for ever. */
export const within = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work, delay(ms, undefined, { ref: false })])

/** Until a signal is aborted, or at once if it was. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(done => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
