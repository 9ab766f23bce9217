const ESCAPE = String.fromCharCode(27)
/** Colours as a terminal gets them, and as JSON, syslog and `cat -v` write them. */
const COLOURS = new RegExp(
  `(?:${ESCAPE}|\\\\+u001b|\\\\+x1b|\\\\+e|\\\\+033|#033|\\^\\[)\\[[\\d;?]*[a-z]`,
  'gi',
)

/** What a program was asked to do is no part of its answer, but may contain every word of it. */
const NO_ANSWER = [
  /\bargs: \[[^\]{]*(?:\{[^}]*\}[^\]]*)?\]/gi,
  /Mounting arguments: .*?(?=\bOutput:|$)/gis,
  // the category of an answer of gRPC: "InvalidArgument" is no errno
  /\bcode = \w+(?= desc\b)/g,
  /"args":\s*\[[^\]]*\]/gi,
]

/** A pasted text without colours, escapes of JSON, quoting of mails and the arguments of commands; lines are kept. */
export function cleanText(input: string): string {
  const plain = input
    .replace(COLOURS, '')
    .replace(/\\+u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\+(?:r\\+n|[nr])/g, '\n')
    .replace(/\\+t/g, ' ')
    .replace(/\r\n?/g, '\n')
    .replace(/^[>|\u2502] ?/gm, '')
  return NO_ANSWER.reduce((text, pattern) => text.replace(pattern, ''), plain)
}

/** A text as it is compared: without case and quotes. */
export function plainText(text: string): string {
  return text.toLowerCase().replace(/["'`\u2018\u2019\u201c\u201d\\]+/g, '')
}
