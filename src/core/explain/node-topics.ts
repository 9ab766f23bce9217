import { cause, type Topic } from './topic.js'

/** Failures whose cause is on the node. */
export const NODE_TOPICS: readonly Topic[] = [
  {
    means: 'No such process: the kernel could not resolve a monitor name',
    codes: ['ENOHOST'],
    numbers: [3],
    texts: [/No such process/],
    causes: [
      cause(
        'the name does not resolve on the node',
        'getent hosts NAME',
        'fix DNS, or use addresses in monitors',
      ),
      cause(
        'mount.ceph is not installed, and the kernel cannot resolve names itself',
        'cephflex doctor --check mount.ceph',
        'apt-get install -y ceph-common',
      ),
      cause(
        'no monitors were specified, so the client used DNS SRV',
        'whether the text contains "DNS SRV"',
        'set the volume option monitors',
      ),
    ],
  },
  {
    means: 'out of memory, or incompatible versions',
    numbers: [12],
    texts: [/Cannot allocate memory/, /mount error 12 =/],
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
    means: 'busy: the mount is still in use, or something is already mounted',
    codes: ['EBUSY', 'EOCCUPIED'],
    numbers: [16],
    texts: [/target is busy/, /already mounted by client/, /device or resource busy/],
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
    means: 'the kernel client is not available',
    codes: ['ENOKERNEL'],
    numbers: [19],
    texts: [/No such device/, /wrong fs type, bad option, bad superblock/],
    causes: [
      cause(
        'this kernel has no ceph module',
        'modinfo ceph',
        'install linux-modules-extra or kernel-modules-extra, or set mounter to "fuse"',
      ),
      cause(
        'mount.ceph is missing and an option needs it (secretfile, a host name)',
        'cephflex doctor --check mount.ceph; dmesg: "Unknown parameter"',
        'apt-get install -y ceph-common',
      ),
    ],
  },
  {
    means: 'Invalid argument: the client does not understand something that it was given',
    numbers: [22, 234],
    texts: [/Invalid argument/, /mount error 22 =/, /failed with \(22\)/],
    causes: [
      cause(
        'ceph-fuse was started without --id: it uses client.admin, finds no key for it in the keyring and gives up (this driver always passes --id; a manual command or another plugin may not)',
        'whether the command line contains --id or -n',
        'ceph-fuse --id USER -k KEYRING ...',
      ),
      cause(
        'the keyring has a section for another user, or a key that is not valid base64',
        'head -1 KEYRING',
        'use the keyring of that user',
      ),
      cause(
        'an option that this client does not support',
        'dmesg | grep ceph: "Unknown parameter"',
        'remove it from mountOptions, fuseOptions or kernelOptions',
      ),
      cause(
        'ceph-fuse 17.2.5 or newer on a kernel before 4.11 (statx)',
        'uname -r; the text contains "statx"',
        'use an older ceph-fuse, or set mounter to "kernel"',
      ),
    ],
  },
  {
    means: 'mount(8) failed; the lines before it give the reason',
    numbers: [32],
    texts: [/exit status 32/],
    causes: [
      cause(
        'any reason: 32 is the only exit code of mount(8) for a failed mount',
        'cephflex explain "..." with the lines before it',
        'follow that explanation',
      ),
    ],
  },
  {
    means: 'ceph-fuse does not support a mount option',
    codes: ['EOPTION'],
    numbers: [33],
    causes: [
      cause(
        'nonempty, _netdev, nofail or another option that libfuse 3 rejects',
        'the option named in the text',
        'remove it from mountOptions or fuseOptions',
      ),
      cause('a configuration option of another release', 'ceph-fuse --version', 'remove it from fuseOptions'),
    ],
  },
  {
    means: 'Operation not supported: this kernel or client lacks a feature',
    codes: ['EVERSION'],
    numbers: [95],
    texts: [/Operation not supported/, /Malformed input/],
    causes: [
      cause(
        'the kernel is too old for a feature that the cluster requires',
        'dmesg | grep ceph: "feature set mismatch"',
        'set mounter to "fuse", or use a newer kernel',
      ),
      cause(
        'the key has 60 characters (Ceph 20), and the client is older',
        'the length of the key in the Secret',
        'update ceph-fuse, or create a key of the old type',
      ),
    ],
  },
  {
    means: 'the client of this mount is dead: Transport endpoint is not connected',
    numbers: [107],
    texts: [/Transport endpoint is not connected/],
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
    means: 'ceph-fuse cannot be used on this node',
    codes: ['ENOFUSE'],
    causes: [
      cause('ceph-fuse is not installed', 'cephflex doctor', 'apt-get install -y ceph-fuse'),
      cause(
        '/dev/fuse is missing: the module is not loaded, or the container hides the device',
        'ls -l /dev/fuse',
        'modprobe fuse',
      ),
    ],
  },
]
