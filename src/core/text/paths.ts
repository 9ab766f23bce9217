import { posix } from 'node:path'

const MAX_BYTES = 4096

/** Why `text` is not an absolute path, as the end of a sentence; undefined if it is one. */
export function pathProblem(text: string): string | undefined {
  if (!text.startsWith('/')) return 'must be an absolute path'
  if (holdsControl(text)) return 'must not contain a control character'
  if (text.split('/').includes('..')) return 'must not contain the component ".."'
  if (Buffer.byteLength(text) > MAX_BYTES) return `must not be longer than ${MAX_BYTES} bytes`
  return undefined
}

/** Whether `text` contains a control character or a lone surrogate, which cannot be encoded as UTF-8. */
export function holdsControl(text: string): boolean {
  return /[\p{Cc}\p{Cs}]/u.test(text)
}

/** An absolute path without `//`, `.` and a trailing `/`. */
export function normalPath(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/s, '$1')
}

/** Whether the normalised `path` is below (not the same as) the normalised `directory`. */
export function isBelow(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(directory === '/' ? '/' : `${directory}/`)
}
