import type { MountHealth } from '../node/inventory.js'

/** What was found of the clients. The path of a program is undefined if it is not installed. */
export type ClientFacts = {
  fuse: string | undefined
  /** The output of `ceph-fuse --version`; undefined if it fails. */
  fuseVersion: string | undefined
  fuseHelper: string | undefined
  /** The errno name, if /dev/fuse cannot be opened. */
  deviceProblem: string | undefined
  /** This process runs in a container and the kubelet does not: its device rules say nothing about those of a call. */
  inContainer: boolean
  fusectl: boolean
  kernelRelease: string
  /** `ceph` is in /proc/filesystems. */
  moduleLoaded: boolean
  /** The running kernel has the module as a file or built in. */
  moduleAvailable: boolean
  mountCeph: string | undefined
}

/** What was found on a node. */
export type NodeFacts = {
  isRoot: boolean
  /** The message of EBADCONFIG, if the configuration file cannot be used. */
  configProblem: string | undefined
  clients: ClientFacts
  /** The programs that calls may start; `path` is undefined if one is missing. */
  programs: readonly {
    name: string
    path: string | undefined
    need: 'always' | 'client' | 'sometimes'
    uses: string
  }[]
  /** `none`: systemd does not run here. `untried`: systemd would take another process for one of a container. */
  scope: 'works' | 'fails' | 'none' | 'untried'
  /** For example `2.36`; undefined without glibc. */
  libc: string | undefined
  /** What runs this program, the size of the kernel's pages in bytes, and what the installer chose for each driver. */
  engine: {
    id: 'node' | 'bun'
    name: string
    pageSize: number
    installed: readonly { driver: string; engine: string; why: string }[]
  }
  clock: { nowMs: number; builtMs: number; synchronised: boolean | undefined }
  kubelet: { pid: number | undefined; version: string | undefined; rootDir: string | undefined }
  /** Whether the mounts of the kubelet reach the container runtime, and why not; undefined without a kubelet. */
  propagation: { reaches: boolean | undefined; why: string } | undefined
  plugin: {
    directory: string
    foundBy: string
    exists: boolean
    writable: boolean
    /** `seen`: the running kubelet has the same file at this path; undefined if that is unknown. */
    drivers: readonly { path: string; answers: boolean; seen: boolean | undefined }[]
  }
  /** Why calls cannot write their files, and why they cannot log. */
  directories: Record<'run' | 'log', { directory: string; problem: string | undefined }>
  /** Why there is no in-memory directory for key files, if so; and key files whose process is gone. */
  keyrings: { problem: string | undefined; stale: readonly string[] }
  mounts: readonly { target: string; health: MountHealth }[]
  orphans: {
    /** State files of mounts that are gone. */
    states: readonly { target: string }[]
    /** ceph-fuse processes started by this driver whose mount is gone. */
    daemons: readonly { pid: number; target: string; stopped: boolean }[]
    /** Shared clients that no pod has. `heldBy`: where they are still mounted. */
    unused: readonly { path: string; pid: number | undefined; heldBy: string | undefined }[]
  }
}
