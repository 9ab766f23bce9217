import { open, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 5

/** A pod that writes to its volume and reads that back all the time, through a file that it keeps open. */
export async function podAtWork(target: string) {
  const path = `${target}/at-work`
  const file = await open(path, 'w+')
  const failures: string[] = []
  let rounds = 0
  let isEnding = false
  const round = async () => {
    const text = `round ${rounds + 1}`
    await file.write(text, 0)
    if ((await readFile(path, 'utf8')) !== text) failures.push(`${text}: other data`)
    rounds += 1
  }
  const work = async () => {
    while (!isEnding) {
      await round().catch((error: Error) => failures.push(error.message))
      await sleep(PAUSE_MS)
    }
  }
  const working = work()
  return {
    /** What went wrong so far. */
    failures,
    /** How often it has written and read. */
    rounds: () => rounds,
    end: async () => {
      isEnding = true
      await working
      await file.close()
    },
  }
}
