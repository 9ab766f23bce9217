import type { CommandIo } from './command-io.js'

const CODES = { red: 31, green: 32, yellow: 33, grey: 90, bold: 1 } as const

export type Colour = keyof typeof CODES

/** Colours a text on a terminal; elsewhere it stays as it is. */
export function paint({ columns }: CommandIo, colour: Colour, text: string): string {
  return columns === undefined ? text : `\u001B[${CODES[colour]}m${text}\u001B[0m`
}

/** Aligns cells in columns, two blanks between them; the last one keeps its length. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => (row[i] ?? '').length)))
  return rows.map(row =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** Cuts a line to the width of the terminal; elsewhere nothing is cut. */
export function fit({ columns }: CommandIo, line: string): string {
  return columns === undefined || line.length <= columns ? line : `${line.slice(0, columns - 1)}…`
}
