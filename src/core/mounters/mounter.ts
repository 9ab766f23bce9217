import type { Monitor } from '../ceph/monitors.js'
import type { ErrorCode } from '../error-codes.js'
import type { ProgramName } from '../programs.js'
import type { Secret } from '../secret.js'
import type { MountRequest } from '../target/mount-request.js'
import type { ClientStatus } from './denial.js'

/** What a mounter needs to build its arguments. Contains no secret. */
export type MountContext = {
  request: MountRequest
  /** The monitors of the request, with names resolved to addresses. */
  monitors: readonly Monitor[]
  /** Path of the credential file while the program runs. */
  credentialFile: string
  /** Seconds after which the client gives up by itself. */
  giveUpS: number
  /** Unique for this mount, and short: a socket path has at most 107 bytes. */
  adminSocket: string
  logFile: string
  /** Major release of ceph-fuse; only set if an option depends on it. */
  fuseRelease?: number
  /** Whether mount(8) finds its helper mount.ceph. */
  hasHelper: boolean
}

/** How a mount program ended, as far as it helps to find the cause. */
export type Ending = {
  exitCode: number | undefined
  stderr: string
  /** Kernel messages since the program started, if the client lives in the kernel. */
  kernelLog: string
  /** The program ran as long as it was set to wait for the cluster. */
  gaveUp: boolean
  fsName?: string
  /** What ceph-fuse reported about itself while it was still waiting. */
  status?: ClientStatus | undefined
}

/** A client that mounts CephFS on a directory. A new one also needs a row in index.ts: see CONTRIBUTING. */
export type Mounter = {
  name: 'fuse' | 'kernel'
  program: ProgramName
  /** File system type in /proc/self/mountinfo. */
  fsType: string
  /**
   * The part of its time that the client is set to wait: if no MDS answers, the kernel client waits three times as long
   * as it is set to.
   */
  waitShare: number
  /** Text of the credential file, in the form that `program` reads. */
  credential: (context: MountContext, key: Secret) => Secret
  /**
   * The arguments of `program`. They contain no secret: the key is in the credential file.
   *
   * @throws CephflexError EOPTION if the program on this node is known to refuse an option.
   */
  argv: (context: MountContext) => string[]
  /** The error code for a failed mount; EMOUNT if the cause is not recognized. */
  diagnose: (ending: Ending) => ErrorCode
}
