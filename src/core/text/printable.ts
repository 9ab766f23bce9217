// A cephx key starts with its type, 1 or 2 in 16 bits: "AQA".."AQD" or "AgA".."AgD". The other two match a key that is
// base64-encoded twice.
const LOOKS_LIKE_A_KEY = /(?:A[Qg][A-D]|QVF[A-E]|QWd[A-E])[A-Za-z0-9+/]{12,}={0,2}/g
const MAX_LENGTH = 60

/**
 * Input in a form safe for a message: quoted, at most 60 characters, anything like a key masked, and each character
 * that is not printable ASCII as its code, as in `"a\u{200b}"`.
 */
export function printable(text: string): string {
  const plain = visible(maskKeys(text))
  return `"${plain.length > MAX_LENGTH ? `${plain.slice(0, MAX_LENGTH)}...` : plain}"`
}

/**
 * A path in a message: as it is, or quoted like {@link printable} if a reader could mistake it because of a blank or a
 * character that is invisible or joined to another. Never cut, because its end may be what is wrong.
 */
export function shownPath(path: string): string {
  const masked = maskKeys(path)
  return /[^\p{L}\p{N}\p{P}\p{S}]|\p{DI}|\u2800/u.test(masked) ? `"${visible(masked)}"` : masked
}

/** Masks everything in a text that looks like a cephx key, encoded once or twice. */
export function maskKeys(text: string): string {
  return text.replace(LOOKS_LIKE_A_KEY, '<masked>')
}

function visible(text: string): string {
  return text.replace(/[^ -~]/gu, char => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}
