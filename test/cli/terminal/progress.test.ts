import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startProgress, withProgress } from '../../../src/cli/terminal/progress.js'

const makeIo = (isTerminal: boolean) => {
  const said: string[] = []
  const shown: string[] = []
  const io = {
    out: (line: string) => said.push(`out ${line}`),
    err: (line: string) => said.push(`err ${line}`),
    tty: isTerminal,
    ...(isTerminal ? { live: (text: string) => shown.push(text) } : {}),
  }
  return { io, said, shown }
}

t.test('on a terminal', async t => {
  const { io, said, shown } = makeIo(true)
  const progress = startProgress(io, 'baking')
  await sleep(1_200)
  progress.done('dough')
  progress.end()
  const count = shown.length
  t.match(shown[0], /^ +0\.\d\d s {2}baking \.\.\.$/)
  t.ok(count >= 4, 'the line is rewritten while nothing else happens')
  t.match(said, [/^err +1\.\d\d s {2}dough$/])
  t.equal(shown.at(-1), '', 'and wiped off')
  await sleep(700)
  t.equal(shown.length, count, 'nothing comes later')
})

t.test('elsewhere', async t => {
  const silent = makeIo(false)
  startProgress(silent.io, 'baking').done('dough')
  t.strictSame(silent.said, [], 'silent by itself')
  const { io, said } = makeIo(false)
  await withProgress(io, 'baking', async ({ done }) => done('dough'), io.out)
  t.match(said, [/^out +0\.\d\d s {2}dough$/], 'plain lines where they are asked for')
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
