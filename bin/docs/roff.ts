/** Text for the man(7) macros: of README markdown, only \`code\` is known, and becomes bold. */

const WIDTH = 78

const escaped = (text: string): string => text.replaceAll('\\', '\\e').replaceAll('-', '\\-')

/** No word of a text may look like a request at the begin of a line. */
const guarded = (line: string): string => (/^[.']/.test(line) ? `\\&${line}` : line)

const wrapped = (text: string): string[] => {
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter(word => word !== '')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Running text, on lines of less than 80 characters. */
export const prose = (text: string): string =>
  wrapped(escaped(text).replace(/`([^`]*)`/g, '\\fB$1\\fR'))
    .map(guarded)
    .join('\n')

/** A section with its heading; empty parts are left out. */
export const section = (title: string, ...parts: readonly string[]): string =>
  [`.SH ${title}`, ...parts.filter(part => part !== '')].join('\n')

/** A word or words and what they mean, indented. */
export const entry = (term: string, text: string): string =>
  [`.TP\n\\fB${guarded(escaped(term))}\\fR`, prose(text)].filter(part => part !== '').join('\n')

/** Lines as they are, for examples. */
export const verbatim = (lines: readonly string[]): string =>
  ['.PP', '.nf', '.RS', ...lines.map(line => guarded(escaped(line))), '.RE', '.fi'].join('\n')
