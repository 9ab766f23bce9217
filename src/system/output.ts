import { writeSync } from 'node:fs'

/**
 * Writes the whole text to standard output (1) or standard error (2) before it
 * returns. A reader that has exited is not an error: there is nowhere to report it.
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
