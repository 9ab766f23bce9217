/**
 * Every program of the node that calls may start, and what they need it for. `always`: no volume can be mounted or
 * unmounted without it; `client`: the checks of the two clients report it; `sometimes`: only such volumes need it.
 */
export const CALL_PROGRAMS = {
  umount: { need: 'always', for: 'every unmount' },
  stat: { need: 'always', for: 'every mount, to check it' },
  mount: { need: 'sometimes', for: 'the kernel client and "cephflex recover"' },
  getent: { need: 'sometimes', for: 'monitors that are given by name' },
  chgrp: { need: 'sometimes', for: 'pods with an fsGroup' },
  chmod: { need: 'sometimes', for: 'pods with an fsGroup' },
  chattr: { need: 'sometimes', for: 'guardLocalDisk in the node configuration' },
  dmesg: { need: 'sometimes', for: 'the cause of a failed mount of the kernel client' },
  ls: { need: 'sometimes', for: 'the names of the snapshots of a volume' },
  readlink: { need: 'sometimes', for: 'the name of a link in the path of a volume' },
  nsenter: { need: 'sometimes', for: 'an unmount in another mount namespace' },
  sh: { need: 'sometimes', for: 'a ceph-fuse that outlives a container, without systemd' },
  true: { need: 'sometimes', for: 'the test of systemd scopes' },
  'ceph-fuse': { need: 'client', for: 'mounts with ceph-fuse' },
  'systemd-run': { need: 'client', for: 'a ceph-fuse that outlives the kubelet' },
} as const satisfies Record<string, { need: 'always' | 'client' | 'sometimes'; for: string }>

/** Every program of the node that only commands start. */
type CommandProgram =
  | 'chcon'
  | 'chroot'
  | 'cmp'
  | 'dd'
  | 'flock'
  | 'getconf'
  | 'getfattr'
  | 'mkdir'
  | 'mv'
  | 'restorecon'
  | 'rm'
  | 'rmdir'
  | 'systemctl'
  | 'selinuxenabled'
  | 'tar'
  | 'test'
  | 'timedatectl'
  | 'uname'

/** A program that may be started: one of the tables above, or a path. So `doctor` knows all that calls need. */
export type ProgramName = keyof typeof CALL_PROGRAMS | CommandProgram | `/${string}`
