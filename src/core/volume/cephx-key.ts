import { CephflexError } from '../errors.js'
import { secretEntry, secretOption } from '../kubelet/call-options.js'
import { Secret } from '../secret.js'
import { printable } from '../text/printable.js'

/** Bytes of data in a key, by its type: 1 is AES, 2 is AES256K. */
const DATA_BYTES = new Map([
  [1, 16],
  [2, 32],
])
const HEADER_BYTES = 12
const ENTITY = /^client\.[A-Za-z0-9._-]+$/

/**
 * Finds the key in the text of a Secret or secretFile: a bare key, with or without blanks around it, a key that is
 * base64-encoded again, or a keyring with a section for `user`.
 *
 * @throws CephflexError EBADKEY, which quotes nothing of the text but names of entities.
 */
export function parseKeyMaterial(text: string, user: string): Secret {
  const trimmed = text.trim()
  if (trimmed === '') throw bad('the key is empty')
  if (/[^\P{Cc}\t\r\n]/u.test(trimmed)) throw bad('the key contains a control character')
  if (/^\s*\[/m.test(trimmed)) return fromKeyring(trimmed, user)
  if (isKey(trimmed)) return new Secret(trimmed)
  // base64(1) wraps lines, so a key that is encoded again may have two
  const inner =
    decode(trimmed.replace(/[\r\n]+/g, ''))
      ?.toString('latin1')
      .trim() ?? ''
  if (isKey(inner)) return new Secret(inner)
  throw bad('the key is not a cephx key (40 or 60 base64 characters)')
}

/**
 * The decoded text of the Secret's entry that contains the key: the entry `key`, or the only entry, or `userKey`.
 *
 * @param entries the options of a call, of which only `kubernetes.io/secret/…` (base64) are used.
 * @throws CephflexError EBADKEY if there is no such entry, or it is not base64. Names entries, never quotes a value.
 */
export function pickSecret(entries: Readonly<Record<string, string>>): string {
  const name = chooseName(secretNames(entries))
  const encoded = entries[secretOption(name)] ?? ''
  if (encoded === '') throw bad(`the entry ${printable(name)} of the Secret is empty`)
  const bytes = decode(encoded)
  if (bytes === undefined) throw bad(`the entry ${printable(name)} of the Secret is not base64`)
  return bytes.toString('utf8')
}

/** The names of the Secret's entries in the options of a call. */
export function secretNames(entries: Readonly<Record<string, string>>): string[] {
  return Object.keys(entries).flatMap(name => secretEntry(name) ?? [])
}

function fromKeyring(keyring: string, user: string): Secret {
  const entity = `client.${user}`
  const sections = sectionsOf(keyring)
  const [section, second] = sections.filter(found => found.entity === entity)
  if (section === undefined) throw bad(`the keyring has no section ${printable(entity)}${others(sections)}`)
  if (second !== undefined) throw bad(`the keyring has two sections ${printable(entity)}`)
  const [key = '', another] = section.keys
  if (another !== undefined || !isKey(key)) {
    throw bad(`the section ${printable(entity)} of the keyring must contain one cephx key`)
  }
  return new Secret(key)
}

type Section = { entity: string; keys: string[] }

function sectionsOf(keyring: string): Section[] {
  const sections: Section[] = []
  for (const line of keyring.split('\n').map(text => text.trim())) {
    const entity = /^\[(.*)\]$/.exec(line)?.[1]
    const key = /^key\s*=(.*)$/.exec(line)?.[1]
    if (entity !== undefined) sections.push({ entity: entity.trim(), keys: [] })
    else if (key !== undefined) sections.at(-1)?.keys.push(key.trim())
  }
  return sections
}

function others(sections: readonly Section[]): string {
  // a name is not secret, but the text between the brackets need not be a name
  const names = [...new Set(sections.map(({ entity }) => entity))].filter(entity => ENTITY.test(entity))
  return names.length === 0 ? '' : `, only ${names.map(name => printable(name)).join(', ')}`
}

/** Whether a text is a cephx key: base64 of Ceph's CryptoKey, which is type, seconds, nanoseconds, length and data. */
function isKey(text: string): boolean {
  const bytes = decode(text)
  if (bytes === undefined || bytes.length < HEADER_BYTES) return false
  const length = DATA_BYTES.get(bytes.readUInt16LE(0))
  return bytes.readUInt16LE(10) === length && bytes.length === HEADER_BYTES + length
}

function chooseName(names: readonly string[]): string {
  const [first, second] = names
  if (first === undefined) {
    throw bad('the call contains no key: the volume needs a secretRef, and its Secret an entry "key"')
  }
  if (names.includes('key')) return 'key'
  if (second === undefined) return first
  if (names.includes('userKey')) return 'userKey'
  const list = names
    .slice(0, 10)
    .map(name => printable(name))
    .join(', ')
  throw bad(`the Secret has no entry "key" and more than one other entry: ${list}`)
}

function bad(message: string): CephflexError {
  return new CephflexError('EBADKEY', message)
}

function decode(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === base64 ? bytes : undefined
}
