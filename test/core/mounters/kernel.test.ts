import t from 'tap'
import { kernel } from '../../../src/core/mounters/kernel.js'
import type { Ending, MountContext } from '../../../src/core/mounters/mounter.js'
import { Secret } from '../../../src/core/secret.js'
import type { VolumeOptions } from '../../../src/core/volume/volume.js'
import { KEY, volume } from '../../support/volumes.js'

const contextOf = (
  changes: Partial<VolumeOptions> = {},
  hasHelper = true,
  target = '/pods/a',
): MountContext => ({
  target,
  volume: volume(changes),
  monitors: changes.monitors ?? volume().monitors,
  credentialFile: '/run/cephflex/keyrings/1.2.a',
  giveUpS: 30,
  adminSocket: '/run/a.asok',
  logFile: '/var/log/a.log',
  hasHelper,
})
const argv = (changes: Partial<VolumeOptions> = {}) => kernel.argv(contextOf(changes))
const optionsOf = (changes: Partial<VolumeOptions> = {}) => argv(changes).at(-1)?.split(',') ?? []
const credential = (context: MountContext) => kernel.credential(context, new Secret(KEY)).reveal()

t.test('with the helper mount.ceph', async t => {
  t.strictSame(
    argv({ user: 'web', path: '/v' }),
    [
      ...['-t', 'ceph', '10.0.0.1:6789:/v', '/pods/a', '-o'],
      'rw,nosuid,nodev,name=web,mount_timeout=30,secretfile=/run/cephflex/keyrings/1.2.a',
    ],
    'the complete command for a minimal volume',
  )
  t.equal(credential(contextOf()), KEY, 'the secret file holds the bare key')
  for (const changes of [{}, { user: 'web' }, { readOnly: true }, { msMode: 'crc' as const }]) {
    const options = optionsOf(changes)
    t.notOk(
      options.some(option => option.startsWith('secret=')),
      'never secret=: every user can read arguments',
    )
    t.ok(options.includes('nosuid') && options.includes('nodev'), 'no setuid programs and no devices')
    t.ok(
      options.includes('mount_timeout=30'),
      'it gives up by itself: the mount of a killed helper may still appear later',
    )
    t.ok(options.includes(`name=${changes.user ?? 'admin'}`), 'the user is always named, without "client."')
  }
  t.equal(optionsOf({ readOnly: true })[0], 'ro', 'a read-only volume is mounted read-only')
  t.ok(
    optionsOf({ fsName: 'b' }).includes('mds_namespace=b'),
    'the file system, with the option that all kernels support',
  )
  t.ok(optionsOf({ msMode: 'secure' }).includes('ms_mode=secure'), 'msMode is passed on')
  const v2 = argv({ monitors: [{ protocol: 'v2', host: '10.0.0.1', port: 13061 }] })
  t.equal(v2[2], '10.0.0.1:13061:/', 'an address has no protocol: the kernel does not accept one')
  t.match(v2.at(-1), /,ms_mode=prefer-crc,/, 'only v2 addresses: ms_mode is set, or the kernel times out')
  const options = { fuse: ['max_read=1'], fuseFlags: ['--client_oc=true'], kernel: ['noatime', 'rsize=1'] }
  t.match(argv({ options }).at(-1), /,noatime,rsize=1,secretfile=/, 'only the options of the kernel')
  t.notMatch(argv({ options }).join(' '), /max_read|client_oc/, 'no option of ceph-fuse')
  for (const path of ['/volumes/x-y', '/a b', '/a,b', '/a:b', '/#a']) {
    t.equal(argv({ path })[2], `10.0.0.1:6789:${path}`, `${path} is unchanged, in one argument`)
  }
})

t.test('a user whose name could be taken for more options', async t => {
  for (const hasHelper of [true, false])
    for (const user of ['a,suid', 'a"b', 'a\\b']) {
      const context = contextOf({ user }, hasHelper)
      t.throws(() => [kernel.argv(context), credential(context)], { code: 'EOPTION' }, `${user} is refused`)
    }
  t.match(argv({ user: 'web@site' })[5], ',name=web@site,', 'any other is passed on')
})

t.test('without the helper', async t => {
  const context = contextOf({ user: 'web', path: '/v' }, false)
  const args = kernel.argv(context)
  t.strictSame(args, ['-i', '-T', context.credentialFile, '/pods/a'], 'mount(8) reads the line of one file')
  t.notMatch(args.join(' '), KEY, 'no key among the arguments')
  t.equal(
    credential(context),
    `10.0.0.1:6789:/v /pods/a ceph rw,nosuid,nodev,name=web,mount_timeout=30,secret=${KEY} 0 0\n`,
    'the file holds the whole line, key included',
  )
  const path = '/a b\tc\nd\\e#f'
  t.match(
    credential(contextOf({ path }, false)),
    '10.0.0.1:6789:/a\\040b\\011c\\012d\\134e\\043f /pods/a ceph ',
    'blank, tab, line feed, backslash and # are escaped as in fstab(5)',
  )
  t.equal(
    credential(contextOf({ path }, false)).trim().split(/\s+/).length,
    6,
    'a path cannot add a field or a line',
  )
  t.match(credential(contextOf({}, false, '/pods/a b')), ' /pods/a\\040b ceph ', 'the target is escaped too')
  t.match(
    credential(contextOf({ fsName: 'b', msMode: 'crc' }, false)),
    'mds_namespace=b,ms_mode=crc,secret=',
    'options',
  )
})

// Captured with mount.ceph 16.2.15 and Linux 6.1 unless noted; "composed": written after
// the messages of mount(8). A block is: code and case => the lines of stderr, then after // those of the kernel.
const CAPTURED = `EOPTION: no helper, secretfile= =>
mount: /mnt/a: wrong fs type, bad option, bad superblock on M:/vol1, missing codepage or helper program, or other error.
// ceph: Unknown parameter 'secretfile'
ENOHOST: no helper, a host name =>
mount: /mnt/a: wrong fs type, bad option, bad superblock on M:/vol1, missing codepage or helper program, or other error.
// libceph: Failed to parse monitor IPs: -22
ENOTDIR: no helper, the path is a file, Linux 6.12 with util-linux 2.41 =>
mount: /mnt/a: wrong fs type, bad option, bad superblock on M:/file, missing codepage or helper program, or other error.
       dmesg(1) may have more information after failed mount system call.
// libceph: mon0 (1)127.0.0.1:27743 session established
// libceph: client4133 fsid 2cf1704e-ac22-4af2-abb2-1df2590a9760
EREFUSED: wrong key => mount error: no mds server is up or the cluster is laggy
// libceph: auth protocol 'cephx' mauth authentication failed: -13
EREFUSED: wrong key, v2 => mount error: no mds server is up or the cluster is laggy
// libceph: auth protocol 'cephx' msgr authentication failed: -13
EREFUSED: wrong key, helper 18.2 =>
mount error: no mds (Metadata Server) is up. The cluster might be laggy, or you may not be authorized
// libceph: auth protocol 'cephx' mauth authentication failed: -13
EREFUSED: no secret => mount error: no mds server is up or the cluster is laggy
// libceph: no secret set (for auth_x protocol)
ENOMDS: wrong key, kernel log not readable => mount error: no mds server is up or the cluster is laggy
ENOMDS: the same, helper 18.2 =>
mount error: no mds (Metadata Server) is up. The cluster might be laggy, or you may not be authorized
ENOFS: wrong file system [fsName zz] => mount error: no mds server is up or the cluster is laggy
ENOFS: wrong file system on a slow node [gave up, fsName zz] =>
mount error: no mds server is up or the cluster is laggy
// libceph: mon0 (1)127.0.0.1:26827 session established
// libceph: client4139 fsid 0aa75a79-015c-4250-bb67-c836863b2826
// ceph: No mds server is up or the cluster is laggy
ENOANSWER: monitors unreachable [gave up] => mount error: no mds server is up or the cluster is laggy
ENOANSWER: monitors unreachable, with a file system [gave up, fsName b] =>
mount error: no mds server is up or the cluster is laggy
ENOANSWER: v2 port without ms_mode [gave up] => mount error: no mds server is up or the cluster is laggy
// libceph: mon0 (1)127.0.0.1:13061 socket closed (con state V1_BANNER)
ENOANSWER: v1 port with prefer-crc [gave up] => mount error: no mds server is up or the cluster is laggy
// libceph: server is speaking msgr1 protocol
ENOANSWER: wrong address [gave up] => mount error: no mds server is up or the cluster is laggy
// libceph: wrong peer, want (1)10.0.2.2:13062/0, got (1)127.0.0.1:13062/0
ENOPATH: unknown path => mount error 2 = No such file or directory
ENOTDIR: path or target is a file => mount error 20 = Not a directory
EDENIED: outside the caps => mount error 13 = Permission denied
// ceph: mds0 rejected session
EOPTION: unknown option => mount error 22 = Invalid argument
// ceph: Unknown parameter 'bogus'
EOPTION: the same, kernel log not readable => mount error 22 = Invalid argument
EBADKEY: secretfile missing => unable to read secretfile: No such file or directory
error reading secret file: -22
failed to parse ceph_options: -22
EBADKEY: secretfile empty => unable to read secret from file: Success
error reading secret file: -61
EBADKEY: secretfile not base64 => secret is not valid base64: Invalid argument.
adding ceph secret key to kernel failed: Invalid argument
ENOHOST: name does not resolve => failed to resolve source
server name not found: nosuch.invalid (Temporary failure in name resolution)
ENOHOST: only the first line of it => failed to resolve source
ENOHOST: a group of addresses => server name not found: [v2:127.0.0.1:13061 (Name or service not known)
ENOHOST: no monitor => unable to get monitor info from DNS SRV with service name: ceph-mon
unable to determine mon addresses
ENOKERNEL: no ceph.ko, helper => modprobe: FATAL: Module ceph not found in directory /lib/modules/6.1.0-56-amd64
mount error: ceph filesystem not supported by the system
failed to load ceph kernel module (1)
ENOKERNEL: no ceph.ko, no helper => mount: /mnt/a: unknown filesystem type 'ceph'.
ENOKERNEL: no modprobe => sh: 1: /sbin/modprobe: not found
mount error: ceph filesystem not supported by the system
failed to load ceph kernel module (127)
EMOUNT: a source of the new form, helper 16.2 => source mount path was not specified
unable to parse mount source: -22
EDENIED: composed, no helper, outside the caps => mount: /mnt/a: permission denied.
EDENIED: composed, no helper, outside the caps, other form =>
mount: /mnt/a: mount(2) system call failed: Permission denied.
ENOPATH: composed, no helper, unknown path => mount: /mnt/a: mount(2) system call failed: No such file or directory.
ENOTDIR: composed, no helper, path is a file => mount: /mnt/a: mount(2) system call failed: Not a directory.
ENOTDIR: composed, target is a file => mount: /mnt/a: mount point is not a directory.
ENOANSWER: no helper, monitors unreachable [gave up] => mount: /mnt/a: mount(2) system call failed: No route to host.
ENOMDS: no helper, MDS stopped => mount: /mnt/a: mount(2) system call failed: Connection timed out.
ENOMDS: helper, MDS stopped [gave up] => mount error 110 = Connection timed out
ENOPATH: no helper, unknown path => mount: /mnt/a: special device M:/nope does not exist.
EDENIED: no helper, outside the caps => mount: /mnt/a: cannot mount M:/vol2 read-only.
// ceph: mds0 rejected session
EDENIED: no helper, outside the caps, mount -w =>
mount: /mnt/a: M:/vol2 is write-protected but explicit read-write mode requested.
EOPTION: no helper, a value that is too large =>
mount: /mnt/a: wrong fs type, bad option, bad superblock on M:/vol1, missing codepage or helper program, or other error.
// ceph: rsize out of range
EOPTION: no helper, a value that is no number =>
mount: /mnt/a: wrong fs type, bad option, bad superblock on M:/vol1, missing codepage or helper program, or other error.
// ceph: Bad value for 'rasize'
EMOUNT: silence =>`

for (const block of CAPTURED.split(/\n(?=E[A-Z]+: )/)) {
  const [title = '', text = ''] = block.split(/ =>\s?/)
  const lines = text.split('\n')
  const fsName = /fsName (\w+)/.exec(title)?.[1]
  const ending: Ending = {
    exitCode: 32,
    stderr: lines.filter(line => !line.startsWith('// ')).join('\n'),
    kernelLog: lines.filter(line => line.startsWith('// ')).join('\n'),
    gaveUp: title.includes('[gave up'),
    ...(fsName === undefined ? {} : { fsName }),
  }
  t.equal(kernel.diagnose(ending), title.split(':')[0], title)
}
