import { cause, type Topic } from './topic.js'

/** The volume is or was mounted, and a program gets an error. */
export const DATA_TOPICS: readonly Topic[] = [
  {
    means: 'an I/O error: the client is connected, but cannot access the data',
    numbers: [5],
    texts: ['mount error 5 =', 'failed: Input/output error', 'error calling ceph_mount: Input/output error'],
    vague: ['Input/output error', 'I/O error', 'd?????????'],
    causes: [
      cause(
        'the path is a file: ceph-fuse mounts it, then every access fails',
        'whether cephflex reports ENOTDIR',
        'set path to a directory',
      ),
      cause('the MDS crashed or is overloaded', 'ceph -s; ceph fs status', 'bring the MDS back'),
      cause(
        'the mount was forcibly unmounted with umount -f, or its client was evicted',
        'cephflex status: dead or evicted',
        'delete the pod; the next pod gets a new mount',
      ),
      cause(
        'the kernel is older than 4.10, and the directory has a pool namespace of its own',
        'uname -r; getfattr -n ceph.dir.layout DIR',
        'set mounter to "fuse", or use a newer kernel',
      ),
      cause(
        'the user has no key, or the wrong one: mount.ceph without a key reports the same',
        'cephflex doctor --options FILE: the result of "key"',
        'store the key of the user in the Secret',
      ),
    ],
  },
  {
    means:
      'Permission denied or Operation not permitted for a process: the volume is mounted, and its modes, the caps or SELinux forbid this access',
    texts: ['has wrong ownership', 'has invalid permissions'],
    vague: ['Permission denied', 'Access denied', 'Operation not permitted'],
    causes: [
      cause(
        'the process does not run as root, and the directory belongs to root',
        'kubectl exec POD -- ls -ldn DIR; kubectl exec POD -- id',
        'set fsGroupPolicy to "root" and an fsGroup, or chown the directory once',
      ),
      cause(
        'the caps of the user allow reading only, or not this pool: "Operation not permitted" while writing',
        'ceph auth get client.USER: mds "allow rw", osd "allow rw"',
        `ceph auth caps client.USER mds 'allow rw path=PATH' mon 'allow r' osd 'allow rw tag cephfs data=FS'`,
      ),
      cause(
        'the caps contain root_squash or uid=, or the process changes an owner, a quota or a snapshot',
        'ceph auth get client.USER: rwp allows quotas, rws snapshots',
        'run the pod as the owner of the directory, or extend the caps',
      ),
      cause(
        'the client was evicted, and the kernel client does not reconnect',
        'cephflex status: evicted',
        'delete the pod; to reconnect automatically, set kernelOptions recover_session=clean',
      ),
      cause(
        'SELinux forbids it, or the command was run without root',
        'ausearch -m avc -ts recent; id',
        'setsebool -P virt_use_fusefs 1; sudo',
      ),
    ],
  },
  {
    means: 'the attribute does not exist: no quota, layout or limit is set on this directory',
    numbers: [61],
    texts: ['No such attribute', 'No data available'],
    causes: [
      cause(
        'nothing is set, which is no failure',
        'getfattr -d -m ceph.* DIR',
        'setfattr -n ceph.quota.max_bytes -v BYTES DIR sets a quota',
      ),
    ],
  },
  {
    means: 'there is no space left: in the cluster, in a quota, or on the disk of the node',
    numbers: [28],
    texts: [
      'no space left on device',
      'osds are full',
      'full osd(s)',
      'nearfull osd(s)',
      'OSD_FULL',
      'POOL_FULL',
      'OSD_NEARFULL',
      'pool(s) full',
      'pool * is full',
      'is near full',
      'backfillfull',
      'OSD_BACKFILLFULL',
      'POOL_BACKFILLFULL',
      'libceph: FULL or reached pool quota',
      'reached quota (running out of',
      'error writing * out of space',
      'was low on resource: ephemeral-storage',
      'DiskPressure',
    ],
    causes: [
      cause(
        'an OSD or a pool of the cluster is full: one full OSD stops every write',
        'ceph df; ceph osd df; ceph health detail',
        'add OSDs or delete data; ceph osd set-full-ratio 0.97 gives time to delete',
      ),
      cause(
        'the disk of the node is full, or out of inodes: /run, /var/log or /var/lib/kubelet',
        'df -h; df -i',
        'free space on the node',
      ),
      cause(
        'the pool has a quota',
        'ceph osd pool get-quota POOL',
        'ceph osd pool set-quota POOL max_bytes 0',
      ),
    ],
  },
  {
    means: 'the volume is full: its quota is used up',
    numbers: [122],
    texts: ['Disk quota exceeded', 'quota exceeded'],
    causes: [
      cause(
        'the volume has as many bytes as were requested',
        'df -h DIR in the pod; cephflex volume show NAME',
        'cephflex volume expand NAME SIZE, or raise the request of the claim',
      ),
      cause(
        'a directory above it has a quota, or a limit of files',
        'getfattr -n ceph.quota.max_files DIR; getfattr -n ceph.quota.max_bytes DIR',
        'raise that quota',
      ),
      cause(
        'deleted files still count: snapshots or open files keep them',
        'ls DIR/.snap; getfattr -n ceph.dir.rbytes DIR',
        'delete the snapshots',
      ),
    ],
  },
  {
    means: 'Read-only file system: the volume is mounted read-only',
    numbers: [30],
    texts: [
      'Read-only file system',
      'readonly filesystem',
      'mount * read-only',
      'forced readonly',
      'MDSs are read only',
      'MDS_READ_ONLY',
      'MDS in read-only mode',
      'force file system read-only',
    ],
    causes: [
      cause(
        'the pod, the claim or the volume says readOnly',
        'kubectl get pod POD -o yaml: readOnly of volumeMounts, persistentVolumeClaim and flexVolume',
        'remove readOnly',
      ),
      cause('the mount options contain "ro"', 'findmnt DIR', 'remove ro from mountOptions'),
      cause(
        'the path is a snapshot, which cannot be written',
        'whether the path contains .snap',
        'use the directory itself',
      ),
      cause(
        'the MDS could not write its metadata and made the file system read-only',
        'ceph health detail: MDS_READ_ONLY',
        'make room in the metadata pool, then restart the MDS: ceph mds fail ID',
      ),
      cause(
        'the directory on the disk of the node is read-only, such as /usr on some distributions',
        'findmnt -T DIR',
        'use another directory: for the driver, sh install.sh --plugin-dir DIR',
      ),
    ],
  },
  {
    means: 'Stale file handle: the file or its mount no longer exists',
    numbers: [116],
    texts: ['Stale file handle', 'Stale NFS file handle', 'stale mount'],
    causes: [
      cause(
        'another client deleted the file or directory while this one had it open',
        'ls in the parent directory',
        'open the file again; restart the program',
      ),
      cause(
        'the volume was deleted and created again, or restored from a backup',
        'cephflex volume list',
        'delete the pod; the next pod gets a new mount',
      ),
      cause('the session of the client ended', 'cephflex status: evicted', 'delete the pod'),
    ],
  },
  {
    means: 'the client of this mount is dead: Transport endpoint is not connected',
    numbers: [107],
    texts: [
      'Transport endpoint is not connected',
      'transport endpoint not connected',
      'socket not connected',
      'software caused connection abort',
      'ceph-fuse * killed process',
      'killed process # (ceph-fuse)',
      'ceph-fuse: segfault',
      'ceph-fuse[#]: segfault',
      'ceph-fuse invoked oom-killer',
      'oom-kill: * task=ceph-fuse',
    ],
    causes: [
      cause(
        'ceph-fuse was killed together with the kubelet ("systemctl restart kubelet") because it ran in the control group of the kubelet',
        'cephflex doctor --check systemd-scope',
        'delete the pod to remount once; this driver starts ceph-fuse in its own scope',
      ),
      cause(
        'ceph-fuse was killed because the node was out of memory',
        'dmesg | grep -i "killed process.*ceph-fuse"',
        'add memory to the node, or lower fuseOptions client_oc_size',
      ),
      cause('ceph-fuse crashed', 'cephflex logs --target DIR', 'update ceph-fuse'),
    ],
  },
  {
    means: 'busy: the mount is still in use, or something is already mounted',
    codes: ['EBUSY', 'EOCCUPIED'],
    numbers: [16],
    texts: [
      'target is busy',
      'device is busy',
      'mount error 16 =',
      'already mounted by client',
      'is already mounted or',
      'already mounted or mount point busy',
      'resource busy or locked',
      'unmount failed: exit status 32',
      'rbd: sysfs write failed * busy',
    ],
    vague: ['device or resource busy', 'resource busy', 'text file busy'],
    causes: [
      cause(
        'a process uses the volume',
        'the process named in the message; fuser -vm DIR',
        'stop the process; the kubelet retries automatically',
      ),
      cause('a container is still running although its pod was force-deleted', 'crictl ps', 'crictl stop ID'),
      cause(
        'two mounts are stacked on the same directory',
        'grep DIR /proc/self/mountinfo',
        'cephflex unmount DIR removes both',
      ),
    ],
  },
  {
    means: 'out of memory, or incompatible versions',
    numbers: [12],
    texts: ['mount error 12 =', 'out of memory', 'OOMKilled'],
    vague: ['Cannot allocate memory'],
    causes: [
      cause(
        'the client does not support the features of the cluster',
        'ceph features; ceph-fuse --version',
        'update the client',
      ),
      cause(
        'the node is out of memory',
        'free -m; dmesg | grep -i oom',
        'set fuseOptions client_oc_size=104857600',
      ),
    ],
  },
  {
    means: 'a limit of CephFS or Linux: name, file, link or open files',
    numbers: [11, 18, 24, 27, 31, 36, 37, 40],
    texts: [
      'File name too long',
      'File too large',
      'Too many open files',
      'Too many links',
      'Too many levels of symbolic links',
      'Invalid cross-device link',
      'cross-device link',
      'argument list too long',
      'No locks available',
      'database is locked',
    ],
    vague: ['Resource temporarily unavailable'],
    causes: [
      cause(
        '"File too large": the file is larger than max_file_size of the file system (1 TiB unless changed)',
        'ceph fs get FS | grep max_file_size',
        'ceph fs set FS max_file_size BYTES',
      ),
      cause(
        '"Too many open files": a limit of the process or of inotify',
        'ulimit -n; sysctl fs.inotify.max_user_instances',
        'raise that limit',
      ),
      cause(
        '"Invalid cross-device link": a rename from one quota or subvolume into another',
        'getfattr -n ceph.quota.max_bytes of both directories',
        'copy the file and delete the old one',
      ),
      cause(
        '"No locks available" or "database is locked": another client holds the lock, or it died and its session still does',
        'ceph tell mds.0 session ls; flock -n FILE true',
        'wait until the session ends, or ceph tell mds.0 session evict id=ID',
      ),
      cause(
        '"File name too long": a name of more than 255 bytes, or a socket path of more than 107',
        'the name in the text',
        'use a shorter name',
      ),
    ],
  },
]
