import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startProgress, withProgress } from '../../../src/cli/terminal/progress.js'

const makeIo = (isTerminal: boolean) => {
  const printed: string[] = []
  const shown: string[] = []
  const io = {
    out: (line: string) => printed.push(`out ${line}`),
    err: (line: string) => printed.push(`err ${line}`),
    tty: isTerminal,
    ...(isTerminal ? { live: (text: string) => shown.push(text) } : {}),
  }
  return { io, printed, shown }
}

t.test('on a terminal', async t => {
  const { io, printed, shown } = makeIo(true)
  const progress = startProgress(io, 'baking')
  await sleep(1_200)
  progress.done('dough')
  progress.end()
  const count = shown.length
  t.match(shown[0], /^ +0\.\d\d s {2}baking \.\.\.$/)
  t.ok(count >= 4, 'the line is rewritten while nothing else happens')
  t.match(printed, [/^err +1\.\d\d s {2}dough$/])
  t.equal(shown.at(-1), '', 'and erased at the end')
  await sleep(700)
  t.equal(shown.length, count, 'nothing is written afterwards')
})

t.test('elsewhere', async t => {
  const silent = makeIo(false)
  startProgress(silent.io, 'baking').done('dough')
  t.strictSame(silent.printed, [], 'nothing is printed by default')
  const { io, printed } = makeIo(false)
  await withProgress(io, 'baking', async ({ done }) => done('dough'), io.out)
  t.match(printed, [/^out +0\.\d\d s {2}dough$/], 'plain lines with --verbose')
})

t.test('work that fails', async t => {
  const { io, shown } = makeIo(true)
  await t.rejects(
    withProgress(io, 'baking', async () => {
      throw new Error('burnt')
    }),
    { message: 'burnt' },
  )
  t.equal(shown.at(-1), '')
})
