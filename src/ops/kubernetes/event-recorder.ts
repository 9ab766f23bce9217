import { randomBytes } from 'node:crypto'
import { isNotFound } from '../../core/kubernetes/api-error.js'
import { type EventContent, eventKey, makeEvent } from '../../core/kubernetes/event.js'
import { type KubeObject, pathOf } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'

export type EventRecorder = {
  /** Tells people who look at an object; returns at once, and never fails. */
  record: (object: KubeObject, kind: string, content: EventContent) => void
  /** Until all that was told is written, or given up. */
  flush: () => Promise<void>
}

/** What is remembered of events, to count them; the API keeps them for an hour. */
const MOST_KNOWN = 1_000
const MOST_WAITING = 1_000
const LIMIT_MS = 10_000

type KnownEvent = { path: string; count: number }

/** Writes events one after the other, so that nobody waits for them; what is said again is counted. */
export function makeEventRecorder(
  client: KubeClient,
  host: string,
  onProblem: (error: Error) => void,
): EventRecorder {
  const known = new Map<string, KnownEvent>()
  let waiting = 0
  let last: Promise<void> = Promise.resolve()

  const remember = (key: string, entry: KnownEvent) => {
    known.delete(key)
    known.set(key, entry)
    const [oldest] = known.keys()
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest)
  }

  const repeat = async (key: string, { path, count }: KnownEvent): Promise<boolean> => {
    const lastTimestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    try {
      await client.patch(path, { count: count + 1, lastTimestamp }, { timeoutMs: LIMIT_MS })
    } catch (error) {
      if (!isNotFound(error)) throw error
      return false
    }
    remember(key, { path, count: count + 1 })
    return true
  }

  const write = async (object: KubeObject, kind: string, content: EventContent): Promise<void> => {
    const key = eventKey(object, content)
    const before = known.get(key)
    if (before && (await repeat(key, before))) return
    const event = makeEvent(object, kind, content, {
      host,
      now: new Date(),
      id: randomBytes(8).toString('hex'),
    })
    const { namespace, name } = event.metadata
    await client.create(pathOf.event(namespace), event, { timeoutMs: LIMIT_MS })
    remember(key, { path: pathOf.event(namespace, name), count: 1 })
  }

  return {
    record: (object, kind, content) => {
      if (waiting >= MOST_WAITING) return
      waiting += 1
      last = last
        .then(() => write(object, kind, content))
        .catch(onProblem)
        .finally(() => {
          waiting -= 1
        })
    },
    flush: () => last,
  }
}
