// The commands and options that pages name in running text exist.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import t from 'tap'
import { buildProgram } from '../../src/cli/program.js'
import { PAGES } from './examples.js'

const program = buildProgram({ out: () => undefined, err: () => undefined, tty: false })
/** The calls of the kubelet are not commands of commander. */
const CALLS = ['mount', 'unmount', 'init', 'provision', 'delete', 'COMMAND']

/** The command that these words lead to, and the words that follow it. */
const walk = (command: Command, words: readonly string[]): [Command, readonly string[]] => {
  const [word = '', ...rest] = words
  const next = command.commands.find(each => each.name() === word)
  return next ? walk(next, rest) : [command, words]
}

const problemOf = (words: readonly string[]): string | undefined => {
  if (CALLS.includes(words[0] ?? '')) return undefined
  const [command, rest] = walk(program, words)
  if (command === program && !rest[0]?.startsWith('-')) return `no command ${words[0]}`
  const known = [...command.options.map(option => option.long), '--help', '--version']
  const flag = rest.filter(word => word.startsWith('--')).find(word => !known.includes(word.split('=')[0]))
  return flag && `${command.name()} has no ${flag}`
}

for (const page of [...PAGES, 'src/assets/docs/README.zh-CN.md'])
  t.test(page, async t => {
    const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '')
    for (const [, words = ''] of text.matchAll(/`cephflex ([^`\n|]+)/g))
      t.equal(problemOf(words.trim().split(/\s+/)), undefined, words)
  })

t.equal(problemOf(['frobnicate']), 'no command frobnicate')
t.equal(problemOf(['volume', 'create', 'web', '--sise', '1']), 'create has no --sise')
