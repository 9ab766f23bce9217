import type { CommandIo } from './command-io.js'

const CODES = { red: 31, green: 32, yellow: 33, grey: 90, bold: 1 } as const

export type Colour = keyof typeof CODES

/** Colours a text, if the output is a terminal. */
export function paint({ columns }: CommandIo, colour: Colour, text: string): string {
  return columns === undefined ? text : `\u001B[${CODES[colour]}m${text}\u001B[0m`
}

/** Cuts a line to the width of the terminal, if the output is one. */
export function fit({ columns }: CommandIo, line: string): string {
  return columns === undefined || line.length <= columns ? line : `${line.slice(0, columns - 1)}…`
}
