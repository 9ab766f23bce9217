import type { Secret } from '../secret.js'

/** Lines that every ceph-fuse prints, even when all is well. */
const NOISE =
  /starting (ceph client|fuse)$|init, newargv|did not load config file|Errors while parsing config file|parse_file: cannot open|can't open ceph\.conf|unable to read magic|^\s*$/

/** Up to 14.2 with a blank between date and time. */
const STAMP = /^\d{4}-\d\d-\d\d[T ][\d:.+-]+ [0-9a-f]+ +-?\d+ /

/**
 * Process and session numbers, which are others at each try: the kubelet counts
 * an event that is repeated word for word, and makes a new one of any other.
 */
const NUMBERED = /^(ceph-fuse\[\d+\]: |client\.\d+ (?=mds\.))/

/** Lines and characters of a failed program that go into a message. */
const MAX_LINES = 3
const MAX_LENGTH = 360

/** The lines of a failed program that say why, as one line; empty if it said nothing. */
export function stderrTail(stderr: string, key: Secret | undefined): string {
  const lines = scrub(stderr, key)
    .split(/[\r\n]+/)
    .map(line => line.replace(STAMP, '').replace(NUMBERED, '').trim())
    .filter(line => !NOISE.test(line))
  return [...new Set(lines)].slice(-MAX_LINES).join(' | ').slice(-MAX_LENGTH)
}

/** Takes every form of a key out of a text that another program wrote. */
export function scrub(text: string, key: Secret | undefined): string {
  if (key === undefined) return text
  const value = key.reveal()
  const forms = [value, Buffer.from(value).toString('base64'), Buffer.from(`${value}\n`).toString('base64')]
  return forms.reduce((clean, form) => clean.replaceAll(form, '<masked>'), text)
}
