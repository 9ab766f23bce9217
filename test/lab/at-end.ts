import type { Test } from 'tap'

type Work = () => unknown

const works = new Set<Work>()

/** Undoes something when the test ends, also when it is ended by a signal. */
export function atEnd(t: Test, work: Work): void {
  if (process.listenerCount('SIGINT', endAll) === 0)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, endAll)
  works.add(work)
  t.teardown(async () => {
    works.delete(work)
    await work()
  })
}

/** Ctrl-C ends the test process, too: without this, what a test has started or mounted would outlive it. */
async function endAll() {
  for (const work of [...works].reverse())
    try {
      await work()
    } catch {
      // an error must not keep the rest from being undone
    }
  process.exit(1)
}
