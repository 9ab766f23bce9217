import type { MountHealth } from '../node/inventory.js'

/** What was seen of the clients. A path is undefined if the program is not found. */
export type ClientFacts = {
  fuse: string | undefined
  /** What `ceph-fuse --version` says; undefined if it fails. */
  fuseVersion: string | undefined
  fuseHelper: string | undefined
  /** errno name; undefined if /dev/fuse opens. */
  deviceProblem: string | undefined
  fusectl: boolean
  kernelRelease: string
  /** `ceph` is in /proc/filesystems. */
  moduleLoaded: boolean
  /** A module file, or built in, for the kernel that runs. */
  moduleAvailable: boolean
  mountCeph: string | undefined
}

export type NodeFacts = {
  isRoot: boolean
  /** The message of EBADCONFIG, if the configuration file cannot be used. */
  configProblem: string | undefined
  clients: ClientFacts
  /** `none`: systemd does not run here. */
  scope: 'works' | 'fails' | 'none'
  /** For example `2.36`; undefined if this is no glibc. */
  libc: string | undefined
  clock: { nowMs: number; builtMs: number; synchronised: boolean | undefined }
  kubelet: { pid: number | undefined; version: string | undefined; rootDir: string | undefined }
  plugin: {
    directory: string
    foundBy: string
    exists: boolean
    writable: boolean
    drivers: readonly { path: string; answers: boolean }[]
  }
  /** Where credentials are put, in memory or not, and files there whose process is gone. */
  keyrings: { problem: string | undefined; stale: readonly string[] }
  mounts: readonly { target: string; health: MountHealth }[]
  orphans: {
    /** State files of mounts that are gone. */
    states: readonly { target: string }[]
    /** ceph-fuse processes of ours whose mount is gone. */
    daemons: readonly { pid: number; target: string }[]
  }
}
