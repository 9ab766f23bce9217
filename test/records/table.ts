import { alignedLines } from '../../src/core/text/table.js'

type Table = readonly (readonly string[])[]

/** Head and rows for a page. */
export function markdownTable([head = [], ...rows]: Table): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** The same for a terminal. */
export function alignedRows(table: Table): string {
  return alignedLines(table.map(cells => cells.map(cell => cell.replaceAll(/[`*]/g, '')))).join('\n')
}
