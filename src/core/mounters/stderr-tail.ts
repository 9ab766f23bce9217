import type { Secret } from '../secret.js'
import { withoutStamp } from './whole-lines.js'

/**
 * Lines that every ceph-fuse prints, even if it succeeds, and while it is asked for its state before it has one; and
 * modprobe(8), before mount.ceph(8) prints the same.
 */
const NOISE =
  /starting (ceph client|fuse)$|init, newargv|did not load config file|Errors while parsing config file|parse_file: cannot open|can't open ceph\.conf|unable to read magic|AdminSocket: request .* not defined|modprobe: FATAL: Module ceph not found|^\s*$/

/**
 * Process and session numbers, which change with each attempt: the kubelet counts events with the same text, and creates
 * a new event for any other.
 */
const NUMBERED = /^(ceph-fuse\[\d+\]: |client\.\d+ )/

/** Maximum lines and characters of a program's output in a message. */
const MAX_LINES = 3
const MAX_LENGTH = 360

/** The last relevant lines of a program's stderr, as one line without the key; empty if there are none. */
export function stderrTail(stderr: string, key: Secret | undefined): string {
  const lines = scrub(stderr, key)
    .split(/[\r\n]+/)
    .map(line => withoutStamp(line).replace(NUMBERED, '').trim())
    .filter(line => !NOISE.test(line))
  return [...new Set(lines)].slice(-MAX_LINES).join(' | ').slice(-MAX_LENGTH)
}

/** Masks a key, plain or base64-encoded, in the output of another program. */
export function scrub(text: string, key: Secret | undefined): string {
  if (key === undefined) return text
  const value = key.reveal()
  const forms = [value, Buffer.from(value).toString('base64'), Buffer.from(`${value}\n`).toString('base64')]
  return forms.reduce((clean, form) => clean.replaceAll(form, '<masked>'), text)
}
