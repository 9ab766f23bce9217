import { CephflexError } from '../../core/errors.js'
import { spawnTalking } from '../programs.js'

/** A distribution's own Python: Ceph's modules are built for it. */
export const PYTHON = '/usr/bin/python3'

export type LineSession = {
  /**
   * Sends one request with an `id` of its own, and waits for the answer with the same one.
   *
   * @throws CephflexError ETIMEOUT, and then the session is over; ENOANSWER if it is or gets closed.
   */
  exchange: (request: object, limitMs: number) => Promise<unknown>
  /** Ends the helper, at once or after a grace. What still waits is rejected. May be called twice. */
  close: () => Promise<void>
  /** Ends it at once, as if it had been killed. */
  kill: () => void
}

type Waiting = { resolve: (answer: unknown) => void; reject: (error: Error) => void }

/**
 * Starts a helper that answers each line of JSON with one line of JSON that has the same `id`.
 *
 * @param options `graceMs`: how long it may take to say goodbye to the cluster
 *   before its process group is killed. `onEnd`: the error for its last words.
 */
export function openLineSession(
  source: string,
  args: readonly string[],
  { graceMs, onEnd }: { graceMs: number; onEnd: (stderr: string) => CephflexError },
): LineSession {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let over: Error | undefined
  const fail = (error: Error) => {
    over ??= error
    const all = [...waiting.values()]
    waiting.clear()
    for (const { reject } of all) reject(over)
  }
  const child = spawnTalking(PYTHON, ['-I', '-c', source, ...args], line => {
    const { id, ...answer } = JSON.parse(line) as { id: number }
    waiting.get(id)?.resolve(answer)
    waiting.delete(id)
  })
  const ended = child.exited.then(stderr => fail(onEnd(stderr)))

  const exchange = (request: object, limitMs: number): Promise<unknown> => {
    if (over) return Promise.reject(over)
    return new Promise((resolve, reject) => {
      const expire = () => {
        child.kill()
        fail(new CephflexError('ETIMEOUT', `the cluster gave no answer for ${limitMs / 1000} s`))
      }
      const timer = setTimeout(expire, limitMs)
      const settle =
        <T>(pass: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          pass(value)
        }
      lastId += 1
      waiting.set(lastId, { resolve: settle(resolve), reject: settle(reject) })
      child.write(JSON.stringify({ ...request, id: lastId }))
    })
  }
  return {
    exchange,
    close: async () => {
      fail(new CephflexError('ENOANSWER', 'the session with the cluster is closed'))
      child.end()
      const timer = setTimeout(child.kill, graceMs)
      await ended
      clearTimeout(timer)
    },
    kill: child.kill,
  }
}
