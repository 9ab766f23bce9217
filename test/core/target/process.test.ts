import t from 'tap'
import { parseProcessStat } from '../../../src/core/target/process.js'

// /proc/PID/stat of a real process, with another name
const stat = (name: string) =>
  `5051 (${name}) S 1 5040 5040 0 -1 4194560 178 0 0 0 1 2 0 0 20 0 25 0 233945 573005824 4402 18446744073709551615 1 1 0 0 0 0 0 4096 16386 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n`

const NAMES = ['ceph-fuse', '(sd-pam)', 'a b', ') S 1 2 3', 'tmux: server', 'a\nb', '']
for (const name of NAMES) {
  t.strictSame(
    parseProcessStat(stat(name)),
    { pid: 5051, name, state: 'S', group: 5040, startTime: '233945' },
    `a process may be called ${JSON.stringify(name)}`,
  )
}

for (const text of ['', '5051', '5051 (x', '5051 (x) S 1 2', 'x (y) S 1 2 3']) {
  t.equal(parseProcessStat(text), undefined, `${JSON.stringify(text)} is not a process`)
}
const zombie = stat('x').replace(' S ', ' Z ')
t.equal(
  parseProcessStat(zombie.replace(' 25 0 233945', ' 1 0 233945'))?.state,
  'Z',
  'a zombie is recognised by its state',
)
t.equal(parseProcessStat(zombie)?.state, 'ending', 'while its threads run, it has not ended')
