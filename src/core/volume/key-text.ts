import { printable } from '../text/printable.js'

/** Bytes of data in a key, by its type: 1 is AES, 2 is AES256K. */
const DATA_BYTES = new Map([
  [1, 16],
  [2, 32],
])
const HEADER_BYTES = 12
/** The lengths of a key in base64. */
const KEY_LENGTHS = [40, 60]
const MAX_LAYERS = 5
const KEY_INSIDE = /A[Qg][A-D][A-Za-z0-9+/]{33}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{23}=)/g

/** Whether a text is a cephx key: base64 of Ceph's CryptoKey, which is type, seconds, nanoseconds, length and data. */
export function isKey(text: string): boolean {
  const bytes = decodeBase64(text)
  return bytes !== undefined && isCryptoKey(bytes)
}

/**
 * The key whose bytes these are, with or without a line end: the key was stored where base64 of it was expected, as in
 * the `data` of a Secret. Undefined if they are not a key.
 */
export function keyOfBytes(bytes: Buffer): string | undefined {
  const [key] = [bytes, withoutEnd(bytes, '\n'), withoutEnd(bytes, '\r\n')].filter(isCryptoKey)
  return key?.toString('base64')
}

/** The bytes of canonical base64; undefined for any other text, and for an empty one. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined
}

/** Why the content is not a key, as the end of the sentence "it …". Quotes nothing of it. */
export function keyProblem(bytes: Buffer): string {
  if (isUtf16(bytes)) return 'is text in UTF-16: save it as UTF-8'
  const text = bytes.toString('utf8').trim()
  const [, problem] = PROBLEMS.find(([applies]) => applies(text)) ?? []
  return typeof problem === 'function' ? problem(text) : (problem ?? 'must have 40 or 60 base64 characters')
}

type Problem = readonly [applies: (text: string) => boolean, problem: string | ((text: string) => string)]

/** The first that applies counts: the mistakes that explain the whole text come before those that any text may have. */
const PROBLEMS: readonly Problem[] = [
  [text => /[^\P{Cc}\t\r\n]/u.test(text), 'contains a control character'],
  [text => /^(["'`]).*\1$/s.test(text) || /^[“”„‘’«].*[“”‘’»]$/su.test(text), 'is in quotes: remove them'],
  [
    text => /^(?:export\s+)?[\w.-]*key["']?\s*[=:]/i.test(text),
    'has "key =" before it: store only what follows',
  ],
  [text => /^secret\s*[=:]/i.test(text), 'has "secret=" before it: store only what follows'],
  [text => /^[\w.-]+\s*[=:]\s*A[Qg]/.test(text), 'has a name before it: store only what follows'],
  [
    text => /\bError E[A-Z]+\b|^Traceback|command not found|permission denied/im.test(text),
    'is an error message',
  ],
  [text => isKey(text.replace(/[\s\p{Z}\p{Cf}]/gu, '')), insertedProblem],
  [text => isKey(text.replace(/(?:\\[nrt])+$/, '')), 'ends with the characters "\\n": store it without them'],
  [
    text => /[-_%]/.test(text) && isKey(fromUrlSafe(text)),
    'is URL-safe base64 or percent-encoded: Ceph uses "+", "/" and "="',
  ],
  [text => /^A[Qg][A-D][A-Za-z0-9+/]*={0,2}$/.test(text), lengthProblem],
  [text => (text.match(KEY_INSIDE) ?? []).length > 1, 'is more than one key'],
  [text => KEY_LENGTHS.some(n => text.length > n && isKey(text.slice(0, n))), 'has more text after the key'],
  [text => KEY_LENGTHS.some(n => text.length > n && isKey(text.slice(-n))), 'has more text before the key'],
  [text => (text.match(KEY_INSIDE) ?? []).length === 1, 'has other text around the key'],
  [isPlaceholder, 'is a placeholder, not a value'],
  [text => layersOf(text) > 0, text => `is base64-encoded ${layersOf(text)} times more than a key`],
  [text => decodeBase64(text) !== undefined, 'is base64 of something else'],
]

function isCryptoKey(bytes: Buffer): boolean {
  if (bytes.length < HEADER_BYTES) return false
  const length = DATA_BYTES.get(bytes.readUInt16LE(0))
  return bytes.readUInt16LE(10) === length && bytes.length === HEADER_BYTES + length
}

function withoutEnd(bytes: Buffer, end: string): Buffer {
  const start = bytes.length - end.length
  return bytes.subarray(start).toString('latin1') === end ? bytes.subarray(0, start) : bytes
}

/** Whether bytes are text in UTF-16: with its mark, or with a NUL in every second byte. */
export function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex')
  if (mark === 'fffe' || mark === 'feff') return true
  const nulls = [0, 1].map(first => bytes.filter((byte, i) => i % 2 === first && byte === 0).length)
  return nulls.some(count => count > 2 && count > bytes.length / 3)
}

function insertedProblem(text: string): string {
  const [invisible] = /[\p{Cf}]|[^\P{Z} ]/u.exec(text) ?? []
  return invisible === undefined
    ? 'contains blanks or line breaks: store it in one line'
    : `contains the invisible character ${printable(invisible)}: type it again`
}

function fromUrlSafe(text: string): string {
  const decoded = text.replace(/%(2b|2f|3d)/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const plain = decoded.replaceAll('-', '+').replaceAll('_', '/')
  return plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')
}

/** What templates and examples contain where a key belongs. */
function isPlaceholder(text: string): boolean {
  return (
    /^[<[{(].*[>\]})]$|\$\{|\$\(|\{\{|%\(|\.\.\.|…|[*]{3}|x{4}/is.test(text) ||
    /change.?me|replace|your|insert|todo|example|placeholder|redacted|masked|hidden/i.test(text) ||
    /^(?:null|none|nil|undefined|true|false|key|userkey|adminkey|secret|password)$/i.test(text)
  )
}

/** How often a key was encoded to give this text; 0 if it does not contain one. */
function layersOf(text: string): number {
  let inner: string | undefined = text
  for (let layers = 0; layers <= MAX_LAYERS; layers += 1) {
    if (isKey(inner)) return layers
    inner = decodeBase64(inner.replace(/[\r\n]+/g, ''))
      ?.toString('latin1')
      .trim()
    if (inner === undefined) return 0
  }
  return 0
}

function lengthProblem(text: string): string {
  const wanted = text.startsWith('Ag') ? 60 : 40
  if (text.length === wanted) return 'looks like a key, but its content is damaged'
  return `is ${text.length < wanted ? 'cut off' : 'too long'}: it has ${text.length} of ${wanted} characters`
}
