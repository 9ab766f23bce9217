import t from 'tap'
import { joinMounts } from '../../../src/core/node/inventory.js'
import { lastErrors, logFilter, logText, parseLog } from '../../../src/core/node/log-lines.js'
import { humanAge, humanBytes, statusCells, statusNotes, statusOf } from '../../../src/core/node/status.js'
import { parseMountInfo } from '../../../src/core/target/mount-table.js'
import { mountLine } from '../../support/fake-system.js'

t.strictSame([undefined, 0, 512, 1536, 64 * 2 ** 20, 5e15].map(humanBytes), [
  '-',
  '0B',
  '512B',
  '1.5K',
  '64M',
  '4.4P',
])
t.strictSame([undefined, 0, 119, 120, 7200, 180_000].map(humanAge), ['-', '0s', '119s', '2m', '2h', '2d'])

const TARGET = '/var/lib/kubelet/pods/u1/volumes/cephflex~cephfs/data'

t.test('a mount without a state file', async t => {
  const table = [mountLine(TARGET, 'ceph'), mountLine('/mnt/own', 'ceph'), mountLine('/', 'ext4')].join('\n')
  const mounts = joinMounts(parseMountInfo(table), [], target => target === TARGET)
  t.match(
    mounts,
    [{ target: TARGET, client: 'kernel' }],
    'a mount of this driver is listed; another one is not',
  )
  const [mount] = mounts
  if (!mount) return
  const status = statusOf(mount, { health: 'healthy' }, 0)
  t.match(status, { uid: 'u1', volume: 'data', ageS: undefined })
  t.strictSame(statusCells(status), [
    'healthy',
    '-',
    'u1',
    'data',
    'kernel',
    '-',
    '-',
    '-',
    '-',
    '-',
    '-',
    TARGET,
  ])
})

t.test('the log', async t => {
  const text = [
    { time: 't1', call: 'mount', pid: 7, target: '/a', event: 'failed', code: 'ENOPATH', message: 'm' },
    { time: 't2', call: 'mount', pid: 8, target: '/b', event: 'failed', code: 'EBUG' },
    { time: 't3', call: 'mount', pid: 9, target: '/a', event: 'done', pod: { name: 'web' } },
  ]
    .map(line => JSON.stringify(line))
    .join('\n')
  const lines = parseLog(`${text}\n{"time": "cut o`)
  t.equal(lines.length, 3, 'a truncated line is left out')
  t.strictSame([...lastErrors(lines)], [['/b', 'EBUG']], 'an error before a later success does not count')
  t.equal(logText(lines[0] ?? { time: '', event: '' }), 't1 mount[7] failed /a code=ENOPATH message=m')
  t.strictSame(
    logFilter({ pod: 'web' })(lines).map(({ time }) => time),
    ['t1', 't3'],
    'a pod by its name, from its first call on',
  )
  t.equal(logFilter({ target: '/b' })(lines).length, 1)
  t.equal(logFilter({})(lines).length, 3)
})

t.test('what to do about a mount', async t => {
  const pod = { namespace: 'apps', pod: 'web', uid: 'u1' }
  const notes = (seen: Partial<Parameters<typeof statusNotes>[0]>) =>
    statusNotes({ target: TARGET, client: 'fuse', health: 'dead', pid: 7, ...pod, ...seen })
  t.strictSame(notes({ health: 'healthy' }), [], 'nothing')
  t.match(notes({ recoverable: true }), [/"cephflex recover" mounts the volume again/])
  t.match(notes({ recoverable: false }), [/delete the pod\. With "recovery": true/])
  t.match(notes({ restartNeeded: ['app'] }), [/^restart container app of the pod apps\/web/])
  t.match(notes({ restartNeeded: [''] }), [/^restart the pod apps\/web/], 'its containers are not known')
  t.match(notes({ detachCommands: ['umount -l /x'] }), [/run "cephflex recover"/, /^umount -l \/x$/])
  t.match(notes({ lastError: 'EHELD: x' }), [/^last error: EHELD: x$/])
  t.match(notes({ health: 'hung', podEnded: true }), [`run: cephflex unmount ${TARGET}`])
  t.match(notes({ health: 'hung', stopped: true }), [/process 7, is stopped: kill -CONT 7$/])
  t.match(notes({ health: 'gone', stopped: true }), [/has lost its mount: "cephflex reap" lets it end/])
})
