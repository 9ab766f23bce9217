import type { Monitor } from '../ceph/monitors.js'
import type { ErrorCode } from '../error-codes.js'
import type { Secret } from '../secret.js'
import type { MountRequest } from '../target/mount-request.js'

/** All that a mounter needs to know to build its arguments. Holds no secret. */
export type MountContext = {
  request: MountRequest
  /** The monitors of the request with names resolved to addresses. */
  monitors: readonly Monitor[]
  /** Where the credential file will be while the program runs. */
  credentialFile: string
  /** Seconds after which the client should give up by itself. */
  giveUpS: number
  /** Unique for this mount and short: a socket path may have 107 bytes. */
  adminSocket: string
  logFile: string
  /** Major release of ceph-fuse; only looked up when an option depends on it. */
  fuseRelease?: number
  /** Whether mount(8) finds its helper mount.ceph. */
  hasHelper: boolean
}

/** How a mount program ended, as far as it tells why. */
export type Ending = {
  exitCode: number | undefined
  stderr: string
  /** Kernel messages since the program started, if the client lives in the kernel. */
  kernelLog: string
  /** The program ran as long as it was told to wait for the cluster. */
  gaveUp: boolean
  fsName?: string
}

/** A way to attach CephFS to a directory. To add one: write a file here, list it in index.ts. */
export type Mounter = {
  name: 'fuse' | 'kernel'
  program: string
  /** File system type that /proc/self/mountinfo shows once it is mounted. */
  fsType: string
  /**
   * What part of the time it has the client may be told to wait: the kernel
   * client waits three times as long as it is told if no MDS answers.
   */
  waitShare: number
  /** Text of the credential file, in the form `program` reads. */
  credential: (context: MountContext, key: Secret) => Secret
  /**
   * Pure. The credential travels by file, so this holds no secret.
   *
   * @throws CephflexError EOPTION if the program of this node is known to refuse an option.
   */
  argv: (context: MountContext) => string[]
  diagnose: (ending: Ending) => ErrorCode
}
