import { backoffMs } from '../../core/kubernetes/backoff.js'
import { aborted } from './wait.js'

/** Keys of objects to reconcile: each in one worker at a time, and again if it was added meanwhile. */
export type Queue = {
  add: (key: string) => void
  /** Keys that wait, also for a retry, and keys in progress. */
  size: () => number
  /** Works until the signal is aborted and all work in progress has ended. Called once. */
  run: (work: Work, signal: AbortSignal) => Promise<void>
}

/** Reconciles one object. If it throws, it is called again, with a longer delay each time. */
type Work = (key: string, signal: AbortSignal) => Promise<void>

type Options = {
  /** How many objects are in progress at once. */
  workers: number
  /** The delay before the firstIdle retry, for tests. */
  firstMs?: number
}

/** Makes a queue that retries failed objects with back-off, and takes a changed one at once. */
export function makeQueue({ workers, firstMs }: Options): Queue {
  const waiting = new Set<string>()
  const active = new Map<string, Promise<void>>()
  const timers = new Map<string, NodeJS.Timeout>()
  const failures = new Map<string, number>()
  let running: { work: Work; signal: AbortSignal } | undefined

  const retryLater = (key: string) => {
    const times = (failures.get(key) ?? 0) + 1
    failures.set(key, times)
    // it changed meanwhile, so it is next anyway
    if (waiting.has(key)) return
    timers.set(
      key,
      setTimeout(
        () => {
          timers.delete(key)
          add(key)
        },
        backoffMs(times, Math.random(), firstMs),
      ),
    )
  }

  const start = async (key: string, work: Work, signal: AbortSignal): Promise<void> => {
    const hasSucceeded = await work(key, signal).then(
      () => true,
      () => false,
    )
    active.delete(key)
    if (hasSucceeded) failures.delete(key)
    else if (!signal.aborted) retryLater(key)
    next()
  }

  /** The first key that is not in progress. */
  const firstIdle = (): string | undefined => {
    for (const key of waiting) if (!active.has(key)) return key
    return undefined
  }

  const next = () => {
    if (running === undefined || running.signal.aborted) return
    const { work, signal } = running
    for (let key = firstIdle(); key !== undefined && active.size < workers; key = firstIdle()) {
      waiting.delete(key)
      active.set(key, start(key, work, signal))
    }
  }

  const add = (key: string) => {
    clearTimeout(timers.get(key))
    timers.delete(key)
    waiting.add(key)
    next()
  }

  return {
    add,
    size: () => waiting.size + timers.size + active.size,
    run: async (work, signal) => {
      running = { work, signal }
      next()
      await aborted(signal)
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(active.values())
    },
  }
}
