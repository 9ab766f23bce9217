import type { CephflexError } from '../errors.js'
import { maskKeys } from '../text/printable.js'
import type { KubeObject } from './objects.js'

export type EventType = 'Normal' | 'Warning'

/** The content of an event. */
export type EventContent = { type: EventType; reason: string; message: string }

/** Maximum characters of a message in the API. */
const MAX_LENGTH = 1024

const COMPONENT = 'cephflex-controller'

/** The event for a failure: what happened, and what to do. */
export function failureEvent(reason: string, { code, message, hint }: CephflexError): EventContent {
  return {
    type: 'Warning',
    reason,
    message: `${code}: ${message}. Hint: ${hint}`,
  }
}

/** Identifies equal events of one object, which are one event with a count. */
export function eventKey({ metadata }: KubeObject, { reason, message }: EventContent): string {
  return JSON.stringify([metadata.uid, reason, message])
}

/**
 * A new event, with keys masked. For an object without a namespace it is in `default`, where kubectl looks for it.
 *
 * @param kind of the object: items of a list do not contain it.
 * @param id makes the name of the event unique.
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
    message: maskKeys(message).slice(0, MAX_LENGTH),
    source: { component: COMPONENT, host },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  }
}
