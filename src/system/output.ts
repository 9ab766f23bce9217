import { writeSync } from 'node:fs'

/**
 * Writes a text to standard output (1) or standard error (2), whole, before it
 * returns. A reader that has gone is no error: nobody is left to tell.
 */
export function write(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text)
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done)
    } catch (error) {
      if (!isRetryable(error)) return
    }
  }
}

function isRetryable(error: unknown) {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}
