import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import t from 'tap'
import { processorTimes, requestsIn, usedSince } from './processors.js'

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

t.strictSame(
  [
    ...requestsIn(`# TYPE apiserver_request_total counter
apiserver_request_total{code="201",resource="secrets",subresource="",verb="POST",version="v1"} 3
apiserver_request_total{code="409",resource="secrets",subresource="",verb="POST",version="v1"} 1
apiserver_request_total{code="200",resource="persistentvolumes",subresource="status",verb="PUT"} 2
apiserver_request_total{code="200",resource="persistentvolumes",subresource="",verb="WATCH"} 9
apiserver_request_total{code="404",resource="",subresource="",verb="GET"} 1e+06
`),
  ],
  [
    ['POST secrets', 4],
    ['PUT persistentvolumes/status', 2],
    ['GET other', 1_000_000],
  ],
)
