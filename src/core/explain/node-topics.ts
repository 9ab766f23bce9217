import { cause, type Topic } from './topic.js'

/** What goes wrong on the node itself. */
export const NODE_TOPICS: readonly Topic[] = [
  {
    means: 'No such process: the kernel could not resolve a monitor name',
    codes: ['ENOHOST'],
    numbers: [3],
    texts: [/No such process/],
    causes: [
      cause('the name does not resolve on the node', 'getent hosts NAME', 'repair DNS, or write addresses'),
      cause(
        'mount.ceph is not installed, and the kernel itself resolves no names',
        'cephflex doctor --check mount.ceph',
        'apt-get install -y ceph-common',
      ),
      cause(
        'no monitors were given, and DNS SRV was asked',
        'the text names "DNS SRV"',
        'set the option monitors',
      ),
    ],
  },
  {
    means: 'out of memory, or versions that do not fit',
    numbers: [12],
    texts: [/Cannot allocate memory/, /mount error 12 =/],
    causes: [
      cause(
        'the client is too old for the features of the cluster',
        'ceph features; ceph-fuse --version',
        'update the client',
      ),
      cause(
        'the memory of the node is used up',
        'free -m; dmesg | grep -i oom',
        'set fuseOptions client_oc_size=104857600',
      ),
    ],
  },
  {
    means: 'busy: somebody still uses the mount, or something is mounted already',
    codes: ['EBUSY', 'EOCCUPIED'],
    numbers: [16],
    texts: [/target is busy/, /already mounted by client/, /device or resource busy/],
    causes: [
      cause(
        'a process works in the volume',
        'the message names it; fuser -vm DIR',
        'end it; the kubelet tries again by itself',
      ),
      cause('a container still runs though its pod was force-deleted', 'crictl ps', 'crictl stop ID'),
      cause(
        'two mounts lie on each other',
        'grep DIR /proc/self/mountinfo',
        'cephflex unmount DIR removes both',
      ),
    ],
  },
  {
    means: 'the kernel client is not there',
    codes: ['ENOKERNEL'],
    numbers: [19],
    texts: [/No such device/, /wrong fs type, bad option, bad superblock/],
    causes: [
      cause(
        'the ceph module is missing for this kernel',
        'modinfo ceph',
        'install linux-modules-extra or kernel-modules-extra, or set mounter: fuse',
      ),
      cause(
        'mount.ceph is missing and an option needs it (secretfile, a host name)',
        'cephflex doctor --check mount.ceph; dmesg says "Unknown parameter"',
        'apt-get install -y ceph-common',
      ),
    ],
  },
  {
    means: 'Invalid argument: the client was asked for something it does not understand',
    numbers: [22, 234],
    texts: [/Invalid argument/, /mount error 22 =/, /failed with \(22\)/],
    causes: [
      cause(
        'ceph-fuse was started without --id: it takes client.admin, finds no key for it in the keyring and gives up (this driver always passes --id; a hand-made command or another plugin does not)',
        'the command line: is there --id or -n?',
        'ceph-fuse --id USER -k KEYRING ...',
      ),
      cause(
        'the keyring has a section for another user, or a key that is no base64',
        'head -1 KEYRING',
        'give the keyring of that user',
      ),
      cause(
        'an option that this client does not know',
        'dmesg | grep ceph: "Unknown parameter"',
        'remove it from mountOptions, fuseOptions or kernelOptions',
      ),
      cause(
        'ceph-fuse 17.2.5 or newer on a kernel before 4.11 (statx)',
        'uname -r; the text says "statx"',
        'use an older ceph-fuse, or mounter: kernel',
      ),
    ],
  },
  {
    means: 'mount(8) failed; the lines before it say why',
    numbers: [32],
    texts: [/exit status 32/],
    causes: [
      cause(
        'anything: 32 is its only exit code for a failed mount',
        'paste the lines before it: cephflex explain "..."',
        'see there',
      ),
    ],
  },
  {
    means: 'ceph-fuse does not know a mount option',
    codes: ['EOPTION'],
    numbers: [33],
    causes: [
      cause(
        'nonempty, _netdev, nofail or another option that libfuse 3 refuses',
        'the text names it',
        'remove it from mountOptions or fuseOptions',
      ),
      cause('a config option of another release', 'ceph-fuse --version', 'remove it from fuseOptions'),
    ],
  },
  {
    means: 'Operation not supported: a feature that this kernel or client lacks',
    codes: ['EVERSION'],
    numbers: [95],
    texts: [/Operation not supported/, /Malformed input/],
    causes: [
      cause(
        'the kernel is older than a feature of the cluster',
        'dmesg | grep ceph: "feature set mismatch"',
        'use mounter: fuse, or a newer kernel',
      ),
      cause(
        'a key of 60 characters (Ceph 20) and an older client',
        'the Secret',
        'update ceph-fuse, or make a key of the old type',
      ),
    ],
  },
  {
    means: 'the client of this mount is dead: Transport endpoint is not connected',
    numbers: [107],
    texts: [/Transport endpoint is not connected/],
    causes: [
      cause(
        'ceph-fuse was ended with the kubelet ("systemctl restart kubelet") because it lived in its control group',
        'cephflex doctor --check systemd-scope',
        'this driver starts it in its own scope; remount once: delete the pod',
      ),
      cause(
        'it was killed for memory',
        'dmesg | grep -i "killed process.*ceph-fuse"',
        'give the node memory; fuseOptions client_oc_size',
      ),
      cause('it crashed', 'cephflex logs --target DIR', 'update ceph-fuse'),
    ],
  },
  {
    means: 'ceph-fuse cannot be used on this node',
    codes: ['ENOFUSE'],
    causes: [
      cause('it is not installed', 'cephflex doctor', 'apt-get install -y ceph-fuse'),
      cause(
        '/dev/fuse is missing: the module is not loaded, or a container hides it',
        'ls -l /dev/fuse',
        'modprobe fuse',
      ),
    ],
  },
]
