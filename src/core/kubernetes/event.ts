import type { CephflexError } from '../errors.js'
import { maskKeys } from '../text/printable.js'
import type { KubeObject } from './objects.js'

export type EventType = 'Normal' | 'Warning'

/** What an event says, and about what. */
export type EventContent = { type: EventType; reason: string; message: string }

/** The API takes no more. */
const LONGEST = 1024

const COMPONENT = 'cephflex-controller'

/** A failure as the event of an object: what happened, and what to do. */
export function failureEvent(reason: string, { code, message, hint }: CephflexError): EventContent {
  return {
    type: 'Warning',
    reason,
    message: `${code}: ${message}. Hint: ${hint}`,
  }
}

/** The same of one object is one event with a count. */
export function eventKey({ metadata }: KubeObject, { reason, message }: EventContent): string {
  return JSON.stringify([metadata.uid, reason, message])
}

/**
 * A new event. One about an object without a namespace goes into `default`,
 * where kubectl looks for it.
 *
 * @param kind of the object: items of a list do not say it.
 * @param id makes its name unique.
 */
export function makeEvent(
  { metadata }: KubeObject,
  kind: string,
  { type, reason, message }: EventContent,
  { host, now, id }: { host: string; now: Date; id: string },
) {
  const { name, namespace, uid, resourceVersion } = metadata
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${id}`, namespace: namespace ?? 'default' },
    involvedObject: { apiVersion: 'v1', kind, name, uid, resourceVersion, ...(namespace && { namespace }) },
    type,
    reason,
    message: maskKeys(message).slice(0, LONGEST),
    source: { component: COMPONENT, host },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  }
}
