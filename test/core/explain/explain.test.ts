import t from 'tap'
import { EXPLANATIONS } from '../../../src/core/error-codes.js'
import { explain, TOPICS } from '../../../src/core/explain/explain.js'

const first = (input: string) => explain(input)[0]

t.test('every code of this program', async t => {
  for (const code of Object.keys(EXPLANATIONS))
    t.match(first(code), { because: code, causes: [{ fix: /./ }] }, code)
})

t.test('the error numbers that clients print', async t => {
  for (const number of [1, 2, 3, 5, 12, 13, 16, 19, 22, 32, 33, 95, 107, 108, 110, 112, 113]) {
    const topic = first(String(number))
    t.ok(topic && topic.causes.length > 0, `${number}: ${topic?.means}`)
    for (const form of [`-${number}`, `(${number})`, `ceph mount failed with (${number}) whatever`])
      t.ok(explain(form).length > 0, form)
  }
  t.match(first('ENOTCONN'), { because: /^107 is ENOTCONN/ })
  t.match(first('enotconn'), { because: /^107 is ENOTCONN/ }, 'in lower case, too')
  t.strictSame(explain('EBUSY').length, 1, 'a name that is also an errno is explained once')
  t.strictSame(explain('9999'), [])
  t.strictSame(explain('ECHILD'), [])
  t.strictSame(explain('hello'), [])
})

// captured from kubelet 1.36.2 and 1.20.2, ceph-fuse 14.2 to 20.2, mount.ceph 16.2 and 18.2, and the two old reports
const CAPTURED: readonly [text: string, means: RegExp][] = [
  [
    'MountVolume.SetUp failed for volume "vol1" : unexpected end of JSON input',
    /could not parse the output of a driver/,
  ],
  ["invalid character 'w' looking for beginning of value", /could not parse the output of a driver/],
  ['no volume plugin matched name: cephflex/cephfs', /cannot find the driver/],
  [
    "couldn't get secret default/ceph err: cannot get secret of type cephflex/cephfs",
    /Secret cannot be used/,
  ],
  [
    'remove /var/lib/kubelet/pods/x/volumes/cephflex~cephfs/data: directory not empty',
    /could not be removed/,
  ],
  ['Orphaned pod found, but volumes are not cleaned up', /could not be removed/],
  [
    'Unable to attach or mount volumes: unmounted volumes=[vol1]: timed out waiting for the condition',
    /is waiting for its volume/,
  ],
  ['mount options are not supported for this volume type', /FlexVolume does not support mountOptions/],
  [
    'FlexVolume: driver call failed: exec: "cephfs": executable file not found in $PATH',
    /cannot find the driver/,
  ],
  ['ceph-fuse[5051]: ceph mount failed with (1) Operation not permitted', /the user's caps do not cover/],
  ["mds.0 rejected us (non-allowable root '/volumes')", /the user's caps do not cover/],
  ['ceph-fuse[27] ceph mount failed with (22) Invalid argument', /Invalid argument/],
  ['failed to fetch mon config (--no-mon-config to skip)', /no monitor accepted/],
  [
    'ceph-fuse[7046]: ceph mount failed with (108) Cannot send after transport endpoint shutdown',
    /blocklisted this client/,
  ],
  ["fuse: unknown option `_netdev'", /does not support a mount option/],
  ['mount error: no mds server is up or the cluster is laggy', /metadata server/],
  [
    'mount error: no mds (Metadata Server) is up. The cluster might be laggy, or you may not be authorized',
    /metadata server/,
  ],
  ['mount error 13 = Permission denied', /the user's caps do not cover/],
  ['mount error 110 = Connection timed out', /metadata server/],
  ['mount error 12 = Cannot allocate memory', /out of memory/],
  [
    'modprobe: FATAL: Module ceph not found in directory /lib/modules/6.1.0-56-amd64\nfailed to load ceph kernel module (1)',
    /kernel client cannot/,
  ],
  [
    'mount: /mnt/a: wrong fs type, bad option, bad superblock on M:/vol1, missing codepage or helper program',
    /kernel client is not available/,
  ],
  ['server name not found: nosuch.invalid (Temporary failure in name resolution)', /resolved to an address/],
  ["ls: cannot access '/data': Transport endpoint is not connected", /client of this mount is dead/],
  ['umount: /mnt/a: target is busy.', /busy/],
  ['read: Input/output error', /I\/O error/],
  ['mount: /mnt: Operation not supported', /not supported/],
  ['mount error 3 = No such process', /resolve a monitor name/],
  [
    'EDENIED: client.web is not allowed to mount /; ceph-fuse reported: x. Hint: y',
    /the user's caps do not cover/,
  ],
]

for (const [text, means] of CAPTURED) t.match(first(text)?.means, means, text.slice(0, 70))

t.test('the two bugs this program was written for', async t => {
  const text = JSON.stringify(explain('mount failed with (22)'))
  t.match(text, /without --id/, 'a ceph-fuse without its user')
  t.match(JSON.stringify(explain('1')), /is not quoted in the caps/, 'a "-" in the caps')
})

t.test('each topic can be found, and has a way to check it and a fix', async t => {
  const found = new Set(
    [...Object.keys(EXPLANATIONS), ...CAPTURED.map(([text]) => text)].flatMap(input =>
      explain(input).map(({ causes }) => causes),
    ),
  )
  for (const { means, causes, numbers } of TOPICS) {
    t.ok(found.has(causes) || numbers, means)
    for (const cause of causes) t.ok(cause.cause && cause.tell && cause.fix, cause.cause)
  }
})
