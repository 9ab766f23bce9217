import { type CephflexError, toCephflexError } from '../../core/errors.js'

/** The object that the kubelet reads; its Go struct has the same name and fields. */
export type DriverStatus =
  | { status: 'Success'; capabilities?: Record<string, boolean> }
  | { status: 'Failure'; message: string }
  | { status: 'Not supported' }

/** The kubelet puts the message into an event, and events are cut at 1,024 bytes. */
const MAX_BYTES = 990

/** Turns anything thrown into a reply. A stack trace never reaches the kubelet. */
export function failure(error: unknown): DriverStatus {
  return {
    status: 'Failure',
    message: failureText(toCephflexError(error)),
  }
}

/** `CODE: what happened. Hint: next step`, one line, under 1,000 bytes; the hint is never cut off. */
export function failureText({ code, message, hint }: CephflexError): string {
  const end = `. Hint: ${hint}`
  const plain = `${code}: ${message}`.replace(/\s+/g, ' ')
  return `${cut(plain, MAX_BYTES - Buffer.byteLength(end))}${end}`
}

function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  // the last character may be incomplete
  return `${bytes
    .subarray(0, maxBytes - 3)
    .toString()
    .replace(/\uFFFD+$/, '')}...`
}
