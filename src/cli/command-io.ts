import { write } from '../system/output.js'

/** Where a command writes; it never touches the streams itself. */
export type CommandIo = {
  out: (line: string) => void
  err: (line: string) => void
  /** Whether a person watches `err`. */
  tty: boolean
}

/** The real streams. */
export const streams = (): CommandIo => ({
  out: line => write(1, `${line}\n`),
  err: line => write(2, `${line}\n`),
  tty: process.stderr.isTTY === true,
})
