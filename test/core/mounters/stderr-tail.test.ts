import t from 'tap'
import { scrub, stderrTail } from '../../../src/core/mounters/stderr-tail.js'
import { Secret } from '../../../src/core/secret.js'
import { base64, KEY, LONG_KEY } from '../../support/volumes.js'

// ceph-fuse 16.2.15 without a ceph.conf: a successful mount prints all of this
const NOISE = `did not load config file, using default settings.
2026-11-23T06:01:25.219+0000 7f23ff88c500 -1 Errors while parsing config file!
2026-11-23T06:01:25.219+0000 7f23ff88c500 -1 can't open ceph.conf: (2) No such file or directory
2026-11-23T06:01:25.223+0000 7f23ff88c500 -1 init, newargv = 0x55d9c9e0f0a0 newargc=15
ceph-fuse[5051]: starting ceph client
ceph-fuse[5051]: starting fuse
`

t.equal(stderrTail(NOISE, undefined), '', 'what every ceph-fuse prints is left out')
t.equal(
  stderrTail(
    `did not load config file, using default settings.
2026-11-24 18:39:03.547 7fc6f75dc080 -1 Errors while parsing config file!
2026-11-24 18:39:03.547 7fc6f75dc080 -1 parse_file: cannot open /etc/ceph/ceph.conf: (2) No such file or directory
2026-11-24 18:39:03.567 7fc6f75dc080 -1 init, newargv = 0x5619c1a608a0 newargc=9
2026-11-24 18:50:55.691 7fac5350b080 -1 fuse_lowlevel_new failed
`,
    undefined,
  ),
  'fuse_lowlevel_new failed',
  'ceph-fuse 14.2 has another time format, and looks for more files',
)
t.equal(stderrTail('', undefined), '', 'a program may print nothing')
t.equal(
  stderrTail(
    `2026-12-01T00:52:11.219+0000 7f23ff88c500 -1 asok(0x56356be881c0) AdminSocket: request '[{"prefix":"status"}]' not defined
ceph mount failed with (110) Connection timed out
`,
    undefined,
  ),
  'ceph mount failed with (110) Connection timed out',
  'the question of this driver to a client that has not started yet, with a number of each process',
)
t.equal(
  stderrTail(
    `${NOISE}2026-11-23T06:01:25.219+0000 7f23ff88c500 -1 client.4149 mds.0 rejected us (non-allowable root '/')
ceph-fuse[5051]: ceph mount failed with (1) Operation not permitted\n`,
    undefined,
  ),
  "mds.0 rejected us (non-allowable root '/') | ceph mount failed with (1) Operation not permitted",
  'time, thread, level and numbers are removed and lines are joined, so that each retry repeats the same event',
)
t.equal(
  stderrTail(
    `2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 client.4149 mdsmap subscription failed: (2) No such file or directory\n`,
    undefined,
  ),
  'mdsmap subscription failed: (2) No such file or directory',
  'whatever follows the number of the client',
)
t.equal(
  stderrTail(
    `modprobe: FATAL: Module ceph not found in directory /lib/modules/6.1.0-56-amd64
mount error: ceph filesystem not supported by the system
failed to load ceph kernel module (1)\n`,
    undefined,
  ),
  'mount error: ceph filesystem not supported by the system | failed to load ceph kernel module (1)',
  'a module that is missing is reported once',
)
t.match(
  stderrTail("modprobe: ERROR: could not insert 'ceph': Key was rejected by service\n", undefined),
  'Key was rejected',
  'why a module cannot be loaded is kept',
)
t.equal(stderrTail('a\nb\nc\nd\ne\n', undefined), 'c | d | e', 'the last three lines are kept')
t.equal(stderrTail('a\nb\na\na\n', undefined), 'a | b', 'a line that is repeated counts once')
t.equal(stderrTail('a\r\n  b  \r', undefined), 'a | b', 'carriage returns and blanks')
t.equal(stderrTail('x'.repeat(5_000), undefined).length, 360, 'of a long line, the end is kept')

const key = new Secret(KEY)
// ceph-fuse 16.2.15 with a malformed key
const quoted = `auth: error setting modifier for [client.a] type=key val=${KEY}: Malformed input`
t.equal(
  stderrTail(quoted, key),
  'auth: error setting modifier for [client.a] type=key val=<masked>: Malformed input',
  'a key that the program quotes is masked',
)
for (const form of [KEY, base64(KEY), base64(`${KEY}\n`)]) {
  t.equal(scrub(`a ${form} b ${form}`, key), 'a <masked> b <masked>', 'each form, each time')
}
t.equal(scrub(LONG_KEY, new Secret(LONG_KEY)), '<masked>', 'the long form of a key')
t.equal(scrub('AQ', undefined), 'AQ', 'without a key nothing is masked')
const cutInKey = stderrTail(`${'x'.repeat(10)}${KEY}${'y'.repeat(340)}`, key)
t.notMatch(cutInKey, KEY.slice(-20), 'the key is masked before the text is cut, so no part of it remains')
