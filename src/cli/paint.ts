import type { CommandIo } from './command-io.js'

const CODES = { red: 31, green: 32, yellow: 33, grey: 90, bold: 1 } as const

export type Colour = keyof typeof CODES

/** Colours a text on a terminal; elsewhere it stays as it is. */
export const paint = ({ columns }: CommandIo, colour: Colour, text: string): string =>
  columns === undefined ? text : `\u001B[${CODES[colour]}m${text}\u001B[0m`
