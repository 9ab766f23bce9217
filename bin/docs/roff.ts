import { wrap } from '../text/wrap.js'

/** Text for the man(7) macros: of README markdown, only \`code\` is known, and becomes bold. */

const WIDTH = 78

/** A section with its heading; empty parts are left out. */
export function section(title: string, ...parts: readonly string[]): string {
  return [`.SH ${title}`, ...parts.filter(part => part !== '')].join('\n')
}

/** A word or words and what they mean, indented. */
export function entry(term: string, text: string): string {
  return [`.TP\n\\fB${guarded(escaped(term))}\\fR`, prose(text)].filter(part => part !== '').join('\n')
}

/** Running text, on lines of less than 80 characters. */
export function prose(text: string): string {
  return wrap(escaped(text).replace(/`([^`]*)`/g, '\\fB$1\\fR'), WIDTH)
    .map(guarded)
    .join('\n')
}

/** Lines as they are, for examples. */
export function verbatim(lines: readonly string[]): string {
  return ['.PP', '.nf', '.RS', ...lines.map(line => guarded(escaped(line))), '.RE', '.fi'].join('\n')
}

/** No word of a text may look like a request at the begin of a line. */
function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-')
}
