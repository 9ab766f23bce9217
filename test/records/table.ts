type Table = readonly (readonly string[])[]

/** Head and rows for a page. */
export function markdownTable([head = [], ...rows]: Table): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** The same for a terminal. */
export function alignedRows(table: Table): string {
  const plain = table.map(cells => cells.map(cell => cell.replaceAll(/[`*]/g, '')))
  const widths = (plain[0] ?? []).map((_, column) =>
    Math.max(...plain.map(cells => cells[column]?.length ?? 0)),
  )
  return plain
    .map(cells =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
