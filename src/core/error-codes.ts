/**
 * Every way in which this program can fail. A new error needs only a row here: the JSON reply, the log, `explain`, the
 * manual and the page of errors read this table.
 */
export const EXPLANATIONS = {
  EBADREQUEST: {
    means: 'the call does not follow the FlexVolume protocol',
    fix: 'call it as "mount DIR JSON" or "unmount DIR"',
  },
  EBADOPTIONS: {
    means: 'a volume option is missing or has an invalid value',
    fix: 'correct flexVolume.options in the PersistentVolume or pod',
  },
  EBADCONFIG: {
    means: "this node's configuration file is invalid",
    fix: 'correct /etc/cephflex/config.json on this node',
  },
  EBADKEY: {
    means: 'the Secret or secretFile contains no usable cephx key',
    fix: 'store the output of "ceph auth get-key client.USER" as the entry "key" of the Secret',
  },
  ENOTROOT: {
    means: 'mounting requires root',
    fix: 'run the command as root, as the kubelet does',
  },
  ENORUNDIR: {
    means: 'there is no safe in-memory directory for the keyring of a mount',
    fix: 'mount a tmpfs on /run or /dev/shm, and make the run directory, /run/cephflex, a directory owned by root with mode 0700',
  },
  ENOFUSE: {
    means: 'ceph-fuse cannot be used on this node',
    fix: 'install the package ceph-fuse and load the fuse module, or set the volume option mounter to "kernel"',
  },
  ENOKERNEL: {
    means: 'the kernel client cannot be used on this node',
    fix: 'install a kernel with the ceph module, or set the volume option mounter to "fuse"',
  },
  ENOTOOL: {
    means: 'a required program is not installed',
    fix: 'install the package that contains it',
  },
  ENOHOST: {
    means: 'no monitor name could be resolved to an address',
    fix: 'check the volume option monitors, and DNS on this node with "getent hosts NAME"',
  },
  ENOANSWER: {
    means: 'no monitor accepted the connection in time',
    fix: 'check that this node can reach the monitors with "nc -vz HOST PORT", then run "ceph -s" on the cluster',
  },
  EREFUSED: {
    means: 'the cluster does not know this user, the key is wrong, or the user has no mon caps',
    fix: 'compare the Secret with "ceph auth get client.USER"; a user without mon caps ("allow r") is refused in the same way',
  },
  EDENIED: {
    means: "the user's caps do not cover this path, file system or node",
    fix: 'check the caps with "ceph auth get client.USER": they must name this path, quoted if it contains a "-"',
  },
  EBLOCKED: {
    means: 'the cluster has blocklisted this client or node, often after a network outage',
    fix: 'find the entry with "ceph osd blocklist ls" and remove it with "ceph osd blocklist rm ADDRESS"; the next mount is accepted again',
  },
  EHELD: {
    means:
      'the cluster answers, but the MDS keeps the directory for another client that does not answer, usually one that died',
    fix: 'wait: the MDS ends that session after session_timeout, 60 s by default, and the kubelet retries automatically; to end it now: "ceph tell mds.0 session ls", then "ceph tell mds.0 session evict id=ID"',
  },
  ENOPATH: {
    means: 'the path does not exist in the file system',
    fix: 'create the directory in CephFS, or correct the volume option path',
  },
  ENOTDIR: {
    means: 'the path is not a directory',
    fix: 'point the volume option path at a directory: a client does not follow a symbolic link',
  },
  ENOFS: {
    means: 'the cluster has no file system with this name',
    fix: 'list the names with "ceph fs ls" and correct the volume option fsName',
  },
  ENOMDS: {
    means: 'no metadata server is active; the kernel client reports some refusals this way, too',
    fix: 'check for an active MDS with "ceph fs status", then check key, caps and fsName',
  },
  EOPTION: {
    means: 'the client on this node does not support a mount option',
    fix: 'remove it from mountOptions, fuseOptions or kernelOptions',
  },
  EVERSION: {
    means: 'the client on this node is too old or too new for this cluster or kernel',
    fix: 'compare "ceph-fuse --version" with "ceph versions" and "uname -r"',
  },
  ETIMEOUT: {
    means: 'a program did not finish in time and was killed',
    fix: 'check MDS and OSD with "ceph -s"; raise the volume option timeoutSeconds if the cluster is slow',
  },
  ENOMOUNT: {
    means: 'the client reported success, but nothing is mounted',
    fix: 'read the log in /var/log/cephflex',
  },
  EHIDDEN: {
    means: 'the volume is mounted in a mount namespace that the container runtime does not see',
    fix: 'remove MountFlags, PrivateTmp and PrivateMounts from the unit of the kubelet; for a kubelet in a container, mount its root directory at the same path and rshared (mountPropagation: Bidirectional)',
  },
  EDEAD: {
    means: 'the volume is mounted, but its root directory does not answer',
    fix: 'check MDS and OSD with "ceph -s"',
  },
  EMOUNT: {
    means: 'the client failed for a reason not listed here',
    fix: 'read its last lines of output in /var/log/cephflex',
  },
  EFSGROUP: {
    means: "the pod's fsGroup could not be applied to the top directory",
    fix: 'set fsGroupPolicy to "none", or give the user write access to the top directory',
  },
  ENOTARGET: {
    means: 'the target directory does not exist: its pod was probably deleted in the meantime',
    fix: 'nothing to do if the pod is gone; to mount by hand, create the directory first',
  },
  ENOTEMPTY: {
    means: 'the target directory contains local files, which a mount would hide',
    fix: 'move the files away: they were probably written while the volume was not mounted',
  },
  EOCCUPIED: {
    means: 'something other than CephFS is mounted on the target',
    fix: 'inspect it with "findmnt DIR" and unmount it by hand',
  },
  EBUSY: {
    means: 'the mount is in use on this node',
    fix: 'stop the processes named in the message; the kubelet retries automatically',
  },
  EUMOUNT: {
    means: 'the volume could not be unmounted',
    fix: 'read the log in /var/log/cephflex, then try "umount -l DIR"',
  },
  ELOCKED: {
    means: 'another call is working on the same target',
    fix: 'wait for it to finish; the kubelet retries automatically',
  },
  ENOKEY: {
    means: 'a lost mount cannot be restored: its key or its options are not known on this node',
    fix: 'delete the pod so that the kubelet mounts the volume again; to avoid this in future, set "recovery" in the node configuration or use secretFile',
  },
  EINTERRUPTED: {
    means: 'the call was interrupted by a signal; its changes were undone',
    fix: 'nothing to do: the kubelet retries automatically',
  },
  EUSAGE: {
    means: 'a command was given an invalid value',
    fix: 'run "cephflex COMMAND --help"',
  },
  EBADVOLUME: {
    means: 'the requested volume cannot be created',
    fix: 'correct the name, the size or the parameters of the StorageClass',
  },
  ENOVOLUME: {
    means: 'the volume does not exist',
    fix: 'list the volumes with "cephflex volume list"',
  },
  ENOTOURS: {
    means: 'a directory or user with this name exists but does not belong to this volume; it was not changed',
    fix: 'inspect it with "cephflex volume list" and "ceph auth get client.USER", or choose another name',
  },
  ENOCAPS: {
    means: 'the user that creates volumes has too few caps',
    fix: 'give it the caps that the message names; "cephflex help threat-model" has a user with all of them',
  },
  ESNAPSHOTS: {
    means: 'a volume with snapshots cannot be deleted; nothing was changed',
    fix: 'delete the snapshots that the message names, then run the same command again',
  },
  ESHRINK: {
    means: 'a volume can only grow',
    fix: 'request more than its current size, or create a new volume and copy the data',
  },
  EPROVISION: {
    means: 'the cluster refused a step of creating, changing or deleting a volume',
    fix: 'read the reason in the message and run the same command again: it continues where it stopped',
  },
  EAPI: {
    means: 'the Kubernetes API refused a request from the controller, or did not answer',
    fix: 'nothing to do if it recovers; otherwise check it with "kubectl get --raw /readyz"',
  },
  ELEASE: {
    means: 'this replica of the controller lost its lease, so another replica may be active now',
    fix: 'nothing to do: the replica is restarted and waits for the lease',
  },
  EINSTALL: {
    means: 'the driver could not be installed on this node, or could not be removed from it',
    fix: 'follow the hint and run the command again; a driver that was already installed is unchanged',
  },
  ECLUSTER: {
    means: 'the development cluster could not be started or stopped',
    fix: 'read the logs in its directory',
  },
  EPACKAGE: {
    means: 'required Debian packages are missing',
    fix: 'run the apt-get command in the message',
  },
  EBUG: {
    means: 'a bug in this program',
    fix: 'read the log in /var/log/cephflex and report the bug',
  },
} as const satisfies Record<string, { means: string; fix: string }>

export type ErrorCode = keyof typeof EXPLANATIONS
