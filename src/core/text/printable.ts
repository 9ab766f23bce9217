// A cephx key starts with its type, 1 or 2 in 16 bits: "AQA".."AQD" or "AgA".."AgD"; the rest is that once more encoded.
const LOOKS_LIKE_A_KEY = /(?:A[Qg][A-D]|QVF[A-E]|QWd[A-E])[A-Za-z0-9+/]{12,}={0,2}/g
const LONGEST = 60

/** What the caller wrote, fit for a message: quoted, printable, at most 60 characters, anything like a key masked. */
export function printable(text: string): string {
  const plain = maskKeys(text).replace(/[^ -~]/gu, '?')
  return `"${plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain}"`
}

/** A text with everything in it masked that looks like a cephx key, once more encoded or not. */
export function maskKeys(text: string): string {
  return text.replace(LOOKS_LIKE_A_KEY, '<masked>')
}
