import { wrap } from '../text/wrap.js'

/** Text in man(7) macros. The only Markdown it supports is `code`, which becomes bold. */

const WIDTH = 78

/** A section with its heading, without empty parts. */
export function section(title: string, ...parts: readonly string[]): string {
  return [`.SH ${title}`, ...parts.filter(part => part !== '')].join('\n')
}

/** A term and its indented explanation. */
export function entry(term: string, text: string): string {
  return [`.TP\n\\fB${guarded(escaped(term))}\\fR`, prose(text)].filter(part => part !== '').join('\n')
}

/** A paragraph in lines of less than 80 characters. */
export function prose(text: string): string {
  return wrap(escaped(text).replace(/`([^`]*)`/g, '\\fB$1\\fR'), WIDTH)
    .map(guarded)
    .join('\n')
}

/** Preformatted lines, for examples. */
export function verbatim(lines: readonly string[]): string {
  return ['.PP', '.nf', '.RS', ...lines.map(line => guarded(escaped(line))), '.RE', '.fi'].join('\n')
}

/** Keeps roff from reading the start of a line as a request. */
function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-')
}
