export type Explanation = { means: string; fix: string }

/**
 * Every way this program can fail. A row here is the whole cost of a new
 * error: the JSON reply, the log and the page of errors all read it.
 */
export const EXPLANATIONS = {
  EBADREQUEST: {
    means: 'the call does not follow the FlexVolume protocol',
    fix: 'call it as "mount DIR JSON" or "unmount DIR"',
  },
  EBADOPTIONS: {
    means: 'a volume option is missing or has a value that cannot work',
    fix: 'correct flexVolume.options in the PersistentVolume or pod',
  },
  EBADCONFIG: {
    means: "this node's configuration file cannot be used",
    fix: 'correct /etc/cephflex/config.json on this node',
  },
  EBADKEY: {
    means: 'the Secret or secretFile holds no usable cephx key',
    fix: 'put the output of "ceph auth get-key client.USER" into the entry "key" of the Secret',
  },
  ENOTROOT: {
    means: 'mounting needs root',
    fix: 'run it as root; the kubelet does',
  },
  ENORUNDIR: {
    means: 'there is no safe place in memory for the keyring of a mount',
    fix: 'make /run or /dev/shm a tmpfs, and /run/cephflex a directory of root with mode 0700',
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
    means: 'a program that is needed is not installed',
    fix: 'install the package that holds it',
  },
  ENOHOST: {
    means: 'no monitor name could be resolved to an address',
    fix: 'check the volume option monitors and the DNS of this node with "getent hosts NAME"',
  },
  ENOANSWER: {
    means: 'no monitor let this node in before the time was up',
    fix: 'check that this node reaches the monitors: "nc -vz HOST PORT"; then "ceph -s" on the cluster',
  },
  EREFUSED: {
    means: 'the cluster does not know this user, or the key is not its key',
    fix: 'compare the Secret with "ceph auth get client.USER"',
  },
  EDENIED: {
    means: 'the caps of this user do not cover this path',
    fix: 'check the caps with "ceph auth get client.USER": they must name this path, quoted if it holds a "-"',
  },
  EBLOCKED: {
    means: 'the cluster has shut this client or node out (blocklisted), often after it lost its network',
    fix: 'look with "ceph osd blocklist ls", then "ceph osd blocklist rm ADDRESS"; a new mount is let in again',
  },
  ENOPATH: {
    means: 'the path does not exist in the file system',
    fix: 'create the directory in CephFS, or correct the volume option path',
  },
  ENOTDIR: {
    means: 'the path is not a directory',
    fix: 'point the volume option path at a directory',
  },
  ENOFS: {
    means: 'the cluster has no file system of this name',
    fix: 'list the names with "ceph fs ls" and correct the volume option fsName',
  },
  ENOMDS: {
    means: 'no metadata server is active, or the kernel client may not say why it was refused',
    fix: 'look for an active MDS with "ceph fs status", then check key, caps and fsName',
  },
  EOPTION: {
    means: 'the client on this node does not know a mount option',
    fix: 'remove it from mountOptions, fuseOptions or kernelOptions',
  },
  EVERSION: {
    means: 'the client on this node is too old or too new for this cluster or kernel',
    fix: 'compare "ceph-fuse --version" with "ceph versions" and "uname -r"',
  },
  ETIMEOUT: {
    means: 'a program did not end in its time and was killed',
    fix: 'check MDS and OSD with "ceph -s"; raise the volume option timeoutSeconds if the cluster is slow',
  },
  ENOMOUNT: {
    means: 'the client reported success, but nothing is mounted',
    fix: 'read the log in /var/log/cephflex',
  },
  EDEAD: {
    means: 'it is mounted, but its root directory does not answer',
    fix: 'check MDS and OSD with "ceph -s"',
  },
  EMOUNT: {
    means: 'the client failed for a reason that is not listed here',
    fix: 'read its last lines in /var/log/cephflex',
  },
  EFSGROUP: {
    means: 'the top directory could not be given to the fsGroup of the pod',
    fix: 'set fsGroupPolicy to "none", or give the user write access to the top directory',
  },
  ENOTARGET: {
    means: 'the target directory does not exist: its pod was probably deleted meanwhile',
    fix: 'nothing to do if the pod is gone; by hand, make the directory first',
  },
  ENOTEMPTY: {
    means: 'the target directory holds files of this node, which a mount would hide',
    fix: 'move the files away: they were probably written while the volume was not mounted',
  },
  EOCCUPIED: {
    means: 'something that is not CephFS is mounted on the target',
    fix: 'look at it with "findmnt DIR" and unmount it by hand',
  },
  EBUSY: {
    means: 'the mount is in use on this node',
    fix: 'end the processes named in the message; the kubelet tries again by itself',
  },
  EUMOUNT: {
    means: 'the mount could not be removed',
    fix: 'read the log in /var/log/cephflex, then try "umount -l DIR"',
  },
  ELOCKED: {
    means: 'another call is working on the same target',
    fix: 'wait for it to end; the kubelet tries again by itself',
  },
  ENOKEY: {
    means: 'a lost mount cannot be made again: its key or its options are not known on this node',
    fix: 'delete the pod, so that the kubelet mounts anew; for the next time set "recovery" in the node configuration, or use secretFile',
  },
  EINTERRUPTED: {
    means: 'the call was ended by a signal; what it had begun was undone',
    fix: 'nothing to do: the kubelet tries again by itself',
  },
  EUSAGE: {
    means: 'a command was given a value that it cannot use',
    fix: 'see "cephflex COMMAND --help"',
  },
  EBADVOLUME: {
    means: 'a volume cannot be made as it was asked for',
    fix: 'correct the name, the size or the parameters of the StorageClass',
  },
  ENOVOLUME: {
    means: 'there is no such volume',
    fix: 'list the volumes with "cephflex volume list"',
  },
  ENOTOURS: {
    means: 'a directory or user of this name exists that does not belong to this volume; it was left alone',
    fix: 'look at it with "cephflex volume list" and "ceph auth get client.USER", or take another name',
  },
  ESHRINK: {
    means: 'a volume can only grow',
    fix: 'ask for more than it has, or make a new volume and copy the data',
  },
  EPROVISION: {
    means: 'the cluster refused a step of making, changing or deleting a volume',
    fix: 'read the reason in the message and run the same command again: it goes on where it stopped',
  },
  EAPI: {
    means: 'the Kubernetes API refused a request of the controller, or gave no answer',
    fix: 'nothing to do if it comes back; else check it with "kubectl get --raw /readyz"',
  },
  ELEASE: {
    means: 'this replica of the controller could not keep its lease, so that another one may work now',
    fix: 'nothing to do: it is started again and waits for its turn',
  },
  ECLUSTER: {
    means: 'the development cluster could not be started or stopped',
    fix: 'read the logs in its directory',
  },
  EPACKAGE: {
    means: 'Debian packages are missing',
    fix: 'install them with the apt-get command in the message',
  },
  EBUG: {
    means: 'a defect in this program',
    fix: 'read the log in /var/log/cephflex and report it',
  },
} as const satisfies Record<string, Explanation>

export type ErrorCode = keyof typeof EXPLANATIONS

/**
 * The only error this program throws on purpose. Anything else is a bug.
 *
 * `message` says what happened, with the value in question, lower case, no
 * full stop; `hint` is the next thing to do. Neither ever holds a key.
 */
export class CephflexError extends Error {
  override readonly name = 'CephflexError'
  readonly code: ErrorCode
  readonly hint: string

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? EXPLANATIONS[code].fix
  }
}

/** The error itself if it is one of ours; everything else is EBUG without its text, which may quote input. */
export function toCephflexError(error: unknown): CephflexError {
  return error instanceof CephflexError
    ? error
    : new CephflexError('EBUG', 'unexpected error', { cause: error })
}
