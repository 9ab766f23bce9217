import type { CommandIo } from '../../src/cli/terminal/command-io.js'
import { secretOption } from '../../src/core/kubelet/call-options.js'

const WIDTH = 96
const KEY = secretOption('key')

export type Printer = ReturnType<typeof makePrinter>

/** The options of a mount call as JSON, without the key. */
export function masked(options: Readonly<Record<string, string>>): string {
  return JSON.stringify({ ...options, ...(KEY in options ? { [KEY]: '<masked>' } : {}) })
}

/** Prints the steps of the demo: a numbered title with its duration, then the call and the reply. */
export function makePrinter({ out }: CommandIo) {
  let count = 0
  return {
    title: (text: string, ms: number): void => {
      count += 1
      const time = `${Math.round(ms)} ms`
      out(`\n${String(count).padStart(2)}  ${text.padEnd(WIDTH - 10)} ${time.padStart(8)}`)
    },
    line: (label: string, text: string): void => {
      const [first = '', ...more] = wrap(text)
      out(`      ${label.padEnd(7)} ${first}`)
      for (const line of more) out(`              ${line}`)
    },
  }
}

function wrap(text: string): string[] {
  const lines: string[] = []
  for (let rest = text; rest !== ''; ) {
    const space = rest.lastIndexOf(' ', WIDTH)
    const end = rest.length <= WIDTH ? rest.length : space > WIDTH / 2 ? space : WIDTH
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return lines
}
