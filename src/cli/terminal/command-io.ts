import { write } from '../../system/output.js'

/** Where a command writes; it never touches the streams itself. */
export type CommandIo = {
  out: (line: string) => void
  err: (line: string) => void
  /** Whether a person watches `err`. */
  tty: boolean
  /** Rewrites the last line of the terminal at `err`, in its width; undefined if there is none. */
  live?: ((text: string) => void) | undefined
  /** Colours on `out`, and the width of its lines; undefined if it is no terminal. */
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
