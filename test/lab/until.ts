import { setTimeout as delay } from 'node:timers/promises'

const PAUSE_MS = 250

/**
 * Repeats a check until its result is neither false nor undefined, and returns it.
 *
 * @param what it waits for, as the end of "not in N s: ...".
 * @throws Error after `limitS`; what the last try threw is its cause.
 */
export async function until<T>(
  what: string,
  check: () => Promise<T | false | undefined> | T | false | undefined,
  limitS = 90,
): Promise<T> {
  const end = performance.now() + limitS * 1000
  let cause: unknown
  do {
    try {
      const answer = await check()
      if (answer !== false && answer !== undefined) return answer
      cause = undefined
    } catch (error) {
      cause = error
    }
    await delay(PAUSE_MS)
  } while (performance.now() < end)
  const reason = cause instanceof Error ? ` (${cause.message})` : ''
  throw new Error(`not in ${limitS} s: ${what}${reason}`, { cause })
}
