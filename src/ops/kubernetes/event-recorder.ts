import { randomBytes } from 'node:crypto'
import { isNotFound } from '../../core/kubernetes/api-error.js'
import { type EventContent, eventKey, makeEvent } from '../../core/kubernetes/event.js'
import { type KubeObject, pathOf } from '../../core/kubernetes/objects.js'
import type { KubeClient } from '../../system/kubernetes/client.js'

export type EventRecorder = {
  /** Queues an event of an object. Returns at once, and never fails. */
  record: (object: KubeObject, kind: string, content: EventContent) => void
  /** Resolves when all queued events are written or have failed. */
  flush: () => Promise<void>
}

/** Events that are remembered so that repetitions are counted. The API keeps events for an hour. */
const MAX_KNOWN = 1_000
const MAX_WAITING = 1_000
const LIMIT_MS = 10_000

type KnownEvent = { path: string; count: number }

/** Writes events in the background, one after the other. A repeated event raises the count of the first. */
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
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
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
    const previous = known.get(key)
    if (previous && (await repeat(key, previous))) return
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
      if (waiting >= MAX_WAITING) return
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
