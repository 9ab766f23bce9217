/** One piece of work of a batch: how long it took from its own start, in milliseconds. */
export type Batch = {
  /** From the start of the first to the end of the last. */
  ms: number
  each: number[]
}

/**
 * Runs pieces of work in order, at most `limit` of them at once.
 *
 * @throws the error of the first one that fails. No other is started after that, and the started ones have ended.
 */
export async function inBatch(
  jobs: readonly (() => Promise<unknown>)[],
  limit: number,
  now: () => number = () => performance.now(),
): Promise<Batch> {
  const waiting = [...jobs]
  const each: number[] = []
  const begin = now()
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const start = now()
      try {
        await job()
      } catch (error) {
        waiting.length = 0
        throw error
      }
      each.push(now() - start)
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: limit }, work))
  for (const each of ended) if (each.status === 'rejected') throw each.reason
  return { ms: now() - begin, each }
}
