import { cause, type Topic } from './topic.js'

/** The cluster accepted the key, and the caps of the user forbid the rest. */
export const CAPS_TOPICS: readonly Topic[] = [
  {
    means: 'the MDS refused this path for this user: Operation not permitted',
    codes: ['EDENIED'],
    numbers: [1],
    texts: [
      'mount error 1 =',
      'mount: mount * failed: Operation not permitted',
      'mds cap * does not parse',
      'mds capability parse failed',
      'non-allowable root',
      'rejected us (sessionless)',
      'no caps for path',
      'client.* is not allowed to mount',
      'insufficient caps',
      'caps * parse failed',
      'mount failed: (1)',
      'auth entities have invalid capabilities',
      'AUTH_BAD_CAPS',
    ],
    causes: [
      cause(
        'the caps name another path, or a directory below it',
        'ceph auth get client.USER',
        'ceph fs authorize FS client.USER PATH rw',
      ),
      cause(
        'the path contains a "-" or another special character and is not quoted in the caps: clusters older than 10.2.2 cannot parse it and ignore all caps, even "allow r"; the monitor reports no problem, and the kernel client fails in the same way',
        'ceph auth get client.USER (path="/a-b" or path=/a-b?); the MDS log contains "does not parse"',
        `ceph auth caps client.USER mds 'allow rw path="/a-b"' mon 'allow r' osd '...'`,
      ),
      cause(
        'the caps are for another file system',
        'ceph fs ls; the volume option fsName',
        'set fsName, or authorize the user for that file system',
      ),
      cause(
        'the volume is mounted, but the osd caps do not allow writing to its pool: files are created, but stay empty',
        'ceph auth get client.USER: the caps [osd]',
        `ceph auth caps client.USER mds 'allow rw path=PATH' mon 'allow r' osd 'allow rw tag cephfs data=FS'`,
      ),
      cause(
        'the volume is mounted, and a process in the pod changes an owner, a quota or a snapshot, which the caps do not allow',
        'ceph auth get client.USER: rwp allows quotas, rws snapshots; root_squash forbids root to write',
        'run the pod as the owner of the directory, or extend the caps',
      ),
    ],
  },
  {
    means: 'the caps of this user do not include this file system',
    texts: [
      "doesn't have caps for FS",
      'does not have caps for FS',
      'no file system * visible to',
      'client * not authorized for file system',
      'filesystem * does not exist or client is not authorized',
      'fsname= * not allowed',
      'already has fs capabilities that differ',
      'already has caps that differ from those supplied',
      'key for client.* exists but cap * does not match',
    ],
    causes: [
      cause(
        'the caps contain fsname= of another file system',
        'ceph auth get client.USER; ceph fs ls',
        'ceph fs authorize FS client.USER PATH rw',
      ),
      cause(
        '"ceph fs authorize" and "ceph auth get-or-create" do not change the caps of a user that exists',
        'ceph auth get client.USER',
        'ceph auth caps client.USER mds "..." mon "..." osd "..."',
      ),
      cause('the volume option fsName names another file system', 'ceph fs ls', 'correct fsName'),
    ],
  },
  {
    means: 'the user lacks the caps to run this command of Ceph',
    texts: [
      'Error EACCES: access denied',
      'Error EACCES: access denied does your client key have mgr caps',
      'does your client key have mgr caps',
      'Error EPERM: access denied',
      'access denied: does your client key',
      'rados: ret=-1, Operation not permitted',
      'rados: ret=-13, Permission denied',
      'error calling ceph_mount: Permission denied',
      'error calling ceph_mount: Operation not permitted',
      'PermissionError: error calling ceph_mount',
      'PermissionDenied: * setxattr',
      'error in setxattr',
      'error in mkdir * Permission denied',
      'error opening pool * Operation not permitted',
      'Traceback * cephfs.PermissionError',
      'cephfs.OperationNotSupported',
      'audit * access denied',
      'from=client.* cmd=* denied',
      'problem getting command descriptions from',
    ],
    causes: [
      cause(
        'the key of a volume is used where the provisioning key is needed',
        'ceph auth get client.USER',
        'pass the provisioning key with --admin-id and --keyring',
      ),
      cause(
        'the provisioning key has no mgr or mon caps, or its mds caps lack "p" (quotas) or "s" (snapshots)',
        'ceph auth get client.USER',
        'see "cephflex help provisioning" for the caps that provisioning needs',
      ),
      cause(
        'the osd caps name the metadata or data tag by a pool instead of the file system',
        'ceph auth get client.USER: tag cephfs metadata=FS, data=FS',
        `ceph auth caps client.USER mon 'allow r' mgr 'allow rw' osd 'allow rw tag cephfs *=*' mds 'allow rwps'`,
      ),
    ],
  },
]
