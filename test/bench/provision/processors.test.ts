import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import t from 'tap'
import { processorTimes, usedSince } from './processors.js'

t.strictSame(
  usedSince(
    new Map([['mds', 100]]),
    new Map([
      ['idle', 0],
      ['mds', 300],
      ['new', 1000],
    ]),
    10,
  ),
  [
    { name: 'new', ms: 100 },
    { name: 'mds', ms: 20 },
  ],
  'for each claim, most first',
)

t.test('programs of a lab', async t => {
  const folder = t.testdir()
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', folder], { stdio: 'ignore' })
  t.teardown(() => child.kill())
  await once(child, 'spawn')
  const name = basename(process.execPath)
  t.ok(processorTimes(folder, '/none', -1).has(name), 'those that name its folder')
  t.ok(processorTimes('/none', '/none', child.pid ?? 0).has('cephflex controller'))
  t.strictSame([...processorTimes('/none', '/none', -1).keys()], ['this benchmark'], 'and no others')
})
