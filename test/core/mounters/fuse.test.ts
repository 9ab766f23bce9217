import t from 'tap'
import { fuse } from '../../../src/core/mounters/fuse.js'
import type { Ending, MountContext } from '../../../src/core/mounters/mounter.js'
import { Secret } from '../../../src/core/secret.js'
import type { VolumeOptions } from '../../../src/core/volume/volume.js'
import { KEY, volume } from '../../support/volumes.js'

const contextOf = (changes: Partial<VolumeOptions> = {}, more: Partial<MountContext> = {}): MountContext => ({
  target: '/pods/a',
  volume: volume(changes),
  monitors: changes.monitors ?? volume().monitors,
  credentialFile: '/run/cephflex/keyrings/1.2.a',
  giveUpS: 30,
  adminSocket: '/run/cephflex/clients/a.1.asok',
  logFile: '/var/log/cephflex/client-a.1.log',
  hasHelper: true,
  ...more,
})
const argv = (changes: Partial<VolumeOptions> = {}, more: Partial<MountContext> = {}) =>
  fuse.argv(contextOf(changes, more))
const after = (args: readonly string[], option: string) => args[args.indexOf(option) + 1]

t.strictSame(
  argv({ user: 'web', path: '/v' }),
  [
    ...['--id', 'web'],
    ...['-k', '/run/cephflex/keyrings/1.2.a'],
    ...['-m', 'v1:10.0.0.1:6789'],
    '--client_mount_timeout=30',
    '--client_try_dentry_invalidate=true',
    '--admin-socket=/run/cephflex/clients/a.1.asok',
    '--log-file=/var/log/cephflex/client-a.1.log',
    '/pods/a',
    ...['-r', '/v'],
  ],
  'the complete command for a minimal volume',
)

t.equal(
  argv({}, { session: 'a-b' }).find(word => word.includes('a-b')),
  '--client_metadata=uuid=a-b',
  'its session has a name, by which it can be ended',
)

// Without --id, ceph-fuse is client.admin and does not find the key of another user.
for (const changes of [{}, { user: 'web' }, { user: 'kube-1', fsName: 'b' }, { readOnly: true }]) {
  const args = argv(changes)
  t.equal(args.indexOf('--id'), args.lastIndexOf('--id'), 'the user is named once')
  t.equal(after(args, '--id'), changes.user ?? 'admin', 'the user is always named, without "client."')
  t.equal(after(args, '-k'), '/run/cephflex/keyrings/1.2.a', 'the keyring is always named')
}

for (const path of ['/', '/volumes/x-y', '/a b', '/a,b', '/a:b', '/-r', "/it's $HOME;*", '/ä']) {
  const args = argv({ path })
  t.strictSame(
    args.slice(-3),
    ['/pods/a', '-r', path],
    `the target comes before -r, and ${path} is one argument`,
  )
}

t.strictSame(argv({ readOnly: true }).slice(-5, -3), ['-o', 'ro'], 'a read-only volume is mounted read-only')
t.strictSame(
  argv({
    readOnly: true,
    options: { fuse: ['noatime'], fuseFlags: ['--client_oc=false'], kernel: ['rsize=1'] },
  }).slice(-6),
  ['--client_oc=false', '-o', 'ro,noatime', '/pods/a', '-r', '/'],
  'flags are separate arguments, options follow -o, and kernel options are left out',
)
t.notOk(argv().includes('-o'), 'without options there is no empty -o')

const fileSystem = (release?: number) =>
  argv({ fsName: 'b' }, release === undefined ? {} : { release }).filter(word => /=b$/.test(word))
for (const release of [14, 15, undefined]) {
  t.strictSame(
    fileSystem(release),
    ['--client_mds_namespace=b'],
    `release ${release}: the name that all releases support`,
  )
}
for (const release of [16, 18, 20])
  t.strictSame(fileSystem(release), ['--client_fs=b'], `release ${release}: its name`)

t.equal(
  after(argv({ monitors: [{ host: '10.0.0.1', port: 13062 }] }), '-m'),
  'v1:10.0.0.1:13062',
  'a non-standard port gets a protocol: without it, ceph-fuse retries a wrong key for ever',
)

t.equal(
  fuse.credential(contextOf({ user: 'a#b]c;d\\e[f' }), new Secret(KEY)).reveal(),
  `[client.a\\#b\\]c\\;d\\\\e\\[f]\n\tkey = ${KEY}\n`,
  'what would end the name of a section is escaped',
)

const credential = fuse.credential(contextOf({ user: 'web' }), new Secret(KEY))
t.equal(credential.reveal(), `[client.web]\n\tkey = ${KEY}\n`, 'a keyring with one section, for this user')
t.equal(`${credential}`, '<masked>', 'a credential cannot be printed')
t.notMatch(JSON.stringify(argv({ user: 'web', fsName: 'b' })), KEY, 'no key among the arguments')

// What the releases printed. [c]: captured with 16.2.15;
// "form" composed after the others. A block is: code, case and releases, then the lines.
const CAPTURED = `EREFUSED: wrong key, --no-mon-config, the last line broken by another process (form)
2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 client.4149 authentication failed: (13) Permission denied
ceph-fuse[15884]: ceph mount fai2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 init
ENOFS: wrong file system (16.2 to 20.2)
2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 client.4149 mdsmap subscription failed: (2) No such file or directory
ceph-fuse[5051]: ceph mount failed with (2) No such file or directory
ENOPATH: missing path (14.2 to 20.2)
ceph-fuse[5051]: ceph mount failed with (2) No such file or directory
ENOTDIR: path is a file (form of the others)
ceph-fuse[5051]: ceph mount failed with (20) Not a directory
EDENIED: root outside the caps (14.2 to 20.2)
-1 client.4149 mds.0 rejected us (non-allowable root '/')
EDENIED: the same (14.2 to 20.2)
ceph-fuse[5051]: ceph mount failed with (1) Operation not permitted
EREFUSED: wrong key, --no-mon-config, servers of 14.2 (14.2, 16.2 [c])
-1 client.0 authentication failed: (1) Operation not permitted
-1 client.0 mdsmap subscription failed: (1) Operation not permitted
ceph-fuse[22875]: ceph mount failed with (1) Operation not permitted
EREFUSED: wrong key, --no-mon-config (14.2 to 18.2)
-1 client.4149 authentication failed: (13) Permission denied
-1 client.4149 mdsmap subscription failed: (13) Permission denied
ceph-fuse[5051]: ceph mount failed with (13) Permission denied
EREFUSED: the same, with lines of two processes mixed up (20.2)
-1 client.4149 authentication failed: (13) Permission denied
]: ceph mount failed with (13) Permission denied
ceph-fuse[158842026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 client.4149 mdsmap subscription fail
ENOMDS: no MDS (16.2)
probably no MDS server is up?
ceph mount failed with (65536) Unknown error 65536
EVERSION: key of 60 characters (16.2 [c])
type=key val=<masked>: Malformed input
failed to fetch mon config (--no-mon-config to skip)
EVERSION: a kernel without statx (form of 18.2)
already_fuse_mounted: statx failed on 'T'
EBADCONFIG: a ceph.conf that is no ceph.conf (16.2 to 20.2)
global_init: error reading config file. parse error: expected '"]"' in line 1 at position 8

EBADCONFIG: a directory instead of a ceph.conf (14.2)
global_init: error reading config file.

EBADKEY: no keyring (14.2 to 18.2)
-1 AuthRegistry(0x55d9c9e0f0a0) no keyring found at /nope, disabling cephx
-1 auth: unable to find a keyring on /nope: (2) No such file or directory
failed to fetch mon config (--no-mon-config to skip)
EBADKEY: no keyring (20.2)
-1 monclient: authenticate NOTE: no keyring found; disabled cephx authentication
failed to fetch mon config (--no-mon-config to skip)
EBADKEY: unreadable keyring (16.2 [c])
2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 auth: failed to load /k: (5) Input/output error
-1 monclient: keyring not found
failed to fetch mon config (--no-mon-config to skip)
ENOHOST: a name (16.2 [c])
server name not found: nosuch.invalid (Name or service not known)
failed to fetch mon config (--no-mon-config to skip)
ENOHOST: no monitor (16.2 [c])
unable to get monitor info from DNS SRV with service name: ceph-mon
failed to fetch mon config (--no-mon-config to skip)
ENOANSWER: wrong key with v1, or dead monitor (14.2 to 20.2)
failed to fetch mon config (--no-mon-config to skip)
EREFUSED: wrong key with v2 (14.2 to 18.2)
-1 monclient(hunting): handle_auth_bad_method server allowed_methods [2] but i only support [2,1]
failed to fetch mon config (--no-mon-config to skip)
EREFUSED: wrong key with v2 (20.2)
-1 monclient(hunting): handle_auth_bad_method server allowed_methods [2] and I support [2,1]
failed to fetch mon config (--no-mon-config to skip)
ENOANSWER: dead monitor, --no-mon-config (14.2 to 20.2)
-1 client.4149 authentication failed: (110) Connection timed out
-1 client.4149 mdsmap subscription failed: (110) Connection timed out
ceph-fuse[5051]: ceph mount failed with (110) Connection timed out
EOPTION: libfuse 2 (14.2, 16.2)
-1 fuse_lowlevel_new failed
ceph-fuse[5051]: fuse failed to start
fuse: unknown option \`bogus'
EOPTION: libfuse 3 (18.2, 20.2)
-1 fuse_session_new failed
ceph-fuse[5051]: fuse failed to start
fuse: unknown option(s): \`-o bogus'
EOPTION: mixed up (18.2)
ceph-fuse[2026-11-23T06:01:53.415+0000 7fc52b6c74c0 -1 fuse_session_new failed
fuse: unknown option(s): \`-o _netdev'
EOPTION: a file system by its new name (14.2)
fuse: unknown option \`--client_fs=cephfs'
EOPTION: value (14.2)
parse error setting 'client_mount_timeout' to 'abc' (strict_strtod: expected double, got: 'abc')
EOPTION: value (16.2 to 20.2)
parse error setting 'client_mount_timeout' to 'abc' (expected digit)
ENOFUSE: no device (16.2)
fuse: device not found, try 'modprobe fuse' first
fuse_mount(mountpoint=/mnt/a) failed.
ceph-fuse[5051]: fuse failed to start
ENOFUSE: a device that does not open (libfuse 2)
fuse: failed to open /dev/fuse: Operation not permitted
ENOFUSE: no fusermount, not root (libfuse 2)
fuse: failed to exec fusermount: No such file or directory
ENOTEMPTY: files (14.2, 16.2)
ceph-fuse[5051]: fuse failed to start
fuse: if you are sure this is safe, use the 'nonempty' mount option
fuse: mountpoint is not empty
EDEAD: target is a dead mount (16.2)
fuse: failed to access mountpoint /t: Transport endpoint is not connected
ENOTARGET: no target (14.2 to 20.2)
-1 fuse_parse_cmdline failed.
ceph-fuse[5051]: fuse failed to initialize
fuse: bad mount point \`/t': No such file or directory
EMOUNT: a text without a row of its own (16.2)
fuse: mount failed: Invalid argument
EMOUNT: silence (16.2)`

for (const block of CAPTURED.split(/\n(?=E[A-Z]+: )/)) {
  const [title = '', ...lines] = block.split('\n')
  const ending: Ending = { exitCode: 1, stderr: `${lines.join('\n')}\n`, kernelLog: '', gaveUp: false }
  t.equal(fuse.diagnose(ending), title.split(':')[0], title)
}

const timedOut = {
  exitCode: 1,
  stderr: 'ceph mount failed with (110) Connection timed out',
  kernelLog: '',
  gaveUp: true,
}
t.equal(fuse.diagnose(timedOut), 'ENOANSWER')
t.equal(fuse.diagnose({ ...timedOut, status: { id: 4176, isHeld: false } }), 'ENOANSWER')
t.equal(
  fuse.diagnose({ ...timedOut, status: { id: 4176, isHeld: true } }),
  'EHELD',
  'an MDS has its session open',
)
