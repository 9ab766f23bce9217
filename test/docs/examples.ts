import { readFileSync } from 'node:fs'
import { assetNames } from '../../src/system/assets.js'

/** The kinds of fenced blocks: `sh` and `console` are run, the others are not commands. */
const KINDS = ['sh', 'console', 'yaml', 'json', 'text'] as const

/** A fenced block of a page. */
export type Block = {
  page: string
  /** The line of the page on which it starts. */
  line: number
  kind: (typeof KINDS)[number]
  text: string
}

/** A command of a `console` block, and what it should print: `...` stands for anything. */
export type Exchange = { command: string; output: string }

/** The pages that people read. A translation has the blocks of its original. */
export const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...assetNames()
    .filter(name => name.startsWith('docs/') && !name.startsWith('docs/README.'))
    .map(name => `src/assets/${name}`),
]

/**
 * The blocks of a page.
 *
 * @throws Error if a block has no kind, or is only indented: it would be unclear whether it is an example to run.
 */
export function blocksOf(page: string, content = readFileSync(page, 'utf8')): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  content.split('\n').forEach((text, i) => {
    const where = `${page}:${i + 1}`
    const fence = /^```(.*)$/.exec(text)?.[1]
    if (fence !== undefined && open) {
      blocks.push(open)
      open = undefined
    } else if (fence !== undefined) open = { page, line: i + 2, kind: kindOf(fence, where), text: '' }
    else if (open) open.text += `${text}\n`
    else if (text.startsWith('    ')) throw new Error(`${where}: put this into a fenced block`)
  })
  if (open) throw new Error(`${page}: the last block has no end`)
  return blocks
}

/** Whether a block needs the API server of a Kubernetes; `test/kube/manifests.suite.ts` runs these. */
export function needsKubernetes(block: Block): boolean {
  return commandsOf(block).some(line => /\bkubectl /.test(line))
}

/** The commands of a shell block, without comments and empty lines. */
export function commandsOf({ text }: Block): string[] {
  return text
    .split('\n')
    .map(line => line.replace(/(^|\s+)# .*$/, ''))
    .filter(line => line !== '')
}

/** The commands of a console block with what they print. */
export function exchangesOf({ page, line, text }: Block): Exchange[] {
  const [before, ...parts] = `\n${text}`.split('\n$ ')
  if (before !== '') throw new Error(`${page}:${line}: a console block begins with "$ "`)
  return parts.map(part => {
    const [command = '', ...output] = part.trimEnd().split('\n')
    return { command, output: output.join('\n') }
  })
}

/** Whether the output matches; `...` in the expected output stands for any text on the line. */
export function isPrinted(expected: string, printed: string): boolean {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${expected.split('...').map(literal).join('.*')}$`).test(printed.trimEnd())
}

function kindOf(word: string, where: string): Block['kind'] {
  const kind = KINDS.find(each => each === word)
  if (!kind) throw new Error(`${where}: a block must say what it is: ${KINDS.join(', ')}`)
  return kind
}
