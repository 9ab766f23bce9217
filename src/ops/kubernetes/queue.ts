import { backoffMs } from '../../core/kubernetes/backoff.js'
import { aborted } from './wait.js'

/** Keys of objects to look at: each at most once at a time, and again if something changed meanwhile. */
export type Queue = {
  add: (key: string) => void
  /** Keys that wait, those for another try included, and those that are worked on. */
  size: () => number
  /** Works until the signal is aborted and what was begun has ended. Called once. */
  run: (work: Work, signal: AbortSignal) => Promise<void>
}

/** Looks at one object. What it throws is a failure: it is called again, later each time. */
type Work = (key: string, signal: AbortSignal) => Promise<void>

type Options = {
  /** How many at once. */
  workers: number
  /** For tests. */
  firstMs?: number
}

/** Makes a queue in which objects that fail wait longer each time; one that changed is looked at at once. */
export function makeQueue({ workers, firstMs }: Options): Queue {
  const waiting = new Set<string>()
  const active = new Map<string, Promise<void>>()
  const timers = new Map<string, NodeJS.Timeout>()
  const failures = new Map<string, number>()
  let running: { work: Work; signal: AbortSignal } | undefined

  const later = (key: string) => {
    const times = (failures.get(key) ?? 0) + 1
    failures.set(key, times)
    // it changed meanwhile, and is looked at at once
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

  const begin = async (key: string, work: Work, signal: AbortSignal): Promise<void> => {
    const isFine = await work(key, signal).then(
      () => true,
      () => false,
    )
    active.delete(key)
    if (isFine) failures.delete(key)
    else if (!signal.aborted) later(key)
    next()
  }

  /** The first key that nobody works on. */
  const first = (): string | undefined => {
    for (const key of waiting) if (!active.has(key)) return key
    return undefined
  }

  const next = () => {
    if (running === undefined || running.signal.aborted) return
    const { work, signal } = running
    for (let key = first(); key !== undefined && active.size < workers; key = first()) {
      waiting.delete(key)
      active.set(key, begin(key, work, signal))
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
