import { write } from '../system/output.js'

/** Where a command writes; it never touches the streams itself. */
export type CommandIo = {
  out: (line: string) => void
  err: (line: string) => void
  /** Whether a person watches `err`. */
  tty: boolean
  /** Colours on `out`, and the width of its lines; undefined if it is no terminal. */
  columns?: number | undefined
}

/** The real streams. */
export const streams = (): CommandIo => ({
  out: line => write(1, `${line}\n`),
  err: line => write(2, `${line}\n`),
  tty: process.stderr.isTTY === true,
  ...(process.stdout.isTTY && !process.env['NO_COLOR'] ? { columns: process.stdout.columns || 80 } : {}),
})
