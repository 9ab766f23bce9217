import t from 'tap'
import { stderrTail } from '../../../src/core/mounters/stderr-tail.js'
import { wholeLines } from '../../../src/core/mounters/whole-lines.js'

const STARTING = 'ceph-fuse[15219]: starting ceph client\n'
const PIECES = [
  'ceph-fuse[',
  '15219',
  ']: ',
  'ceph mount failed with ',
  '(2) No such file or directory',
  '\n',
]
const RECORDS = [
  '2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 client.4149 mdsmap subscription failed: (2) No such file\n',
  '2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 init, newargv = 0x55d0 newargc=15\n\n',
  '2016-11-23 06:01:53.415000 7fc52b6c74c0 -1 client.4149 mdsmap subscription failed: (2) No such file\n',
]

t.test('a line of the log in the middle of a line of the other process', async t => {
  for (const record of RECORDS)
    for (let at = 0; at <= PIECES.length; at += 1) {
      const mixed = STARTING + PIECES.toSpliced(at, 0, record).join('')
      t.equal(wholeLines(mixed), record + STARTING + PIECES.join(''), `after ${at} pieces: both are whole`)
      t.equal(
        stderrTail(wholeLines(mixed), undefined),
        stderrTail(record + PIECES.join(''), undefined),
        'and the message is the same text',
      )
    }
})

t.test('the second line end of the message about newargv comes later', async t => {
  const record = '2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 init, newargv = 0x55d0 newargc=15\n'
  for (let at = 0; at <= PIECES.length; at += 1) {
    const mixed = record + PIECES.toSpliced(at, 0, '\n').join('')
    t.equal(
      stderrTail(wholeLines(mixed), undefined),
      'ceph mount failed with (2) No such file or directory',
      `after ${at} pieces`,
    )
  }
})

t.equal(wholeLines(''), '')
t.equal(wholeLines('a\nb'), 'a\nb', 'output without a log stays as it is')
t.equal(
  wholeLines(`first ${RECORDS[0]?.trimEnd()}`),
  `${RECORDS[0]}first `,
  'a line of the log without an end is whole, too',
)
