import { Command } from 'commander'
import type { ExplainedTopic } from '../../core/explain/explain.js'
import type { CommandIo } from '../terminal/command-io.js'
import { paint } from '../terminal/paint.js'

/** `cephflex explain`: the meaning and causes of an error code, an errno or a pasted text. */
export function explain(io: CommandIo): Command {
  return new Command('explain')
    .description('explain an error code, an errno or a pasted message, and what to do')
    .argument('<what...>', 'for example EDENIED, 22, ENOTCONN, or the text of an event; "-" reads from stdin')
    .option('--json', 'print JSON')
    .action(async (words: string[], { json }: { json?: boolean }) => {
      const [{ explain: explanationsOf }, { CephflexError }, { readInput }] = await Promise.all([
        import('../../core/explain/explain.js'),
        import('../../core/errors.js'),
        import('../../system/input.js'),
      ])
      const text = words.join(' ')
      const topics = explanationsOf(text === '-' ? await readInput() : text)
      if (topics.length === 0)
        throw new CephflexError('EBADREQUEST', 'there is no explanation for this text', {
          hint: 'pass a code such as EDENIED, an errno such as 110, or the last lines of the message',
        })
      if (json) io.out(JSON.stringify(topics, undefined, 2))
      else for (const each of topics) print(io, each)
    })
}

function print(io: CommandIo, { because, means, causes }: ExplainedTopic): void {
  io.out(`${paint(io, 'bold', because)}: ${means}`)
  causes.forEach(({ cause, tell, fix }, i) => {
    io.out(`  ${i + 1}. ${cause}`)
    io.out(`     check: ${tell}`)
    io.out(`     fix: ${fix}`)
  })
}
