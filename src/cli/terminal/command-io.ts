import { write } from '../../system/output.js'

/** The output of a command, which never uses the streams directly. */
export type CommandIo = {
  out: (line: string) => void
  err: (line: string) => void
  /** Whether `err` is a terminal. */
  tty: boolean
  /** Rewrites the last line of the terminal at `err`, cut to its width; undefined without a terminal. */
  live?: ((text: string) => void) | undefined
  /** The width of the terminal at `out`, which then gets colours; undefined without a terminal. */
  columns?: number | undefined
}

/** The real streams. */
export function streams(): CommandIo {
  return {
    out: line => write(1, `${line}\n`),
    err: line => write(2, `${line}\n`),
    tty: process.stderr.isTTY === true,
    ...(process.stderr.isTTY && process.env['TERM'] !== 'dumb' ? { live: rewriteLine } : {}),
    ...(process.stdout.isTTY && !process.env['NO_COLOR'] ? { columns: process.stdout.columns || 80 } : {}),
  }
}

function rewriteLine(text: string): void {
  write(2, `\r\u001B[K${text.slice(0, (process.stderr.columns || 80) - 1)}`)
}
