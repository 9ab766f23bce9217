import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/**
 * A short name for what is kept about something with a long one: the first 16 hex digits of its SHA-256. Not by
 * node:crypto, whose loading alone takes 6 ms of every call.
 */
export function shortHash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)).subarray(0, 8))
}
