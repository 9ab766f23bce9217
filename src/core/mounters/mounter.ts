import type { Monitor } from '../ceph/monitors.js'
import type { ErrorCode } from '../error-codes.js'
import type { ClientOptions } from '../mount-options/mount-options.js'
import type { ProgramName } from '../programs.js'
import type { Secret } from '../secret.js'
import type { MountInfo } from '../target/mount-table.js'
import type { VolumeOptions } from '../volume/volume.js'
import type { ClientStatus, Denial } from './denial.js'

/** What a mounter needs to build its arguments. Its functions get no key but that of `credential`. */
export type MountContext = {
  /** The directory to mount on: the target, or a private stage. */
  target: string
  volume: VolumeOptions
  /** The monitors of the volume, with names resolved to addresses. */
  monitors: readonly Monitor[]
  /** Path of the credential file while the program runs. */
  credentialFile: string
  /** Seconds after which the client gives up by itself. */
  giveUpS: number
  /** Unique for this mount, and short: a socket path has at most 107 bytes. */
  adminSocket: string
  logFile: string
  /** A name for its session with the MDS, by which that can be ended when the client has died. */
  session?: string
  /** Major release of the program; only set if an option depends on it. */
  release?: number
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
  /** What a client with a daemon reported about itself while it was still waiting. */
  status?: ClientStatus | undefined
}

/** A text that a program prints, and the error code that it means. */
export type Symptom = readonly [RegExp, ErrorCode]

/** The process of a client that does not live in the kernel. */
export type Daemon = {
  /** Its process name, as in /proc/PID/stat. */
  name: string
  /** The pids that it printed when it started. */
  pidsIn: (output: string) => number[]
}

/** Where the parts of a client may be on a node, apart from its program. */
export type Parts = { helper: string; helperPaths: readonly string[]; device: string }

/** The parts of a client on this node. A path is undefined if the part is missing. */
export type FoundParts = {
  helper: string | undefined
  program: string | undefined
  /** The errno name, if the device cannot be opened. */
  deviceProblem: string | undefined
}

/** A client that mounts CephFS on a directory, and all that sets it apart. A new one also needs a row in index.ts. */
export type Mounter = {
  program: ProgramName
  /** Names of the processes that mount, which a killed call may leave running. */
  processes: readonly string[]
  /** File system type in /proc/self/mountinfo: the proof of a mount. */
  fsType: string
  /**
   * Undefined for a client in the kernel. A daemon runs in a scope of its own, has an admin socket, and is ended if its
   * mount fails the check.
   */
  daemon: Daemon | undefined
  /** Whether the kernel log shows why a mount failed. */
  logsToKernel: boolean
  /**
   * The part of its time that the client is set to wait: if no MDS answers, the kernel client waits three times as long
   * as it is set to.
   */
  waitShare: number

  /** The code for a node on which this client cannot be used. */
  unusable: ErrorCode
  /** What must be on the node, and what is missing of it; undefined if only a mount shows that. */
  needs: { parts: Parts; problems: (found: FoundParts) => string[] } | undefined
  /** What this client cannot use of a volume's options: parts of the message. */
  problems: (volume: Pick<VolumeOptions, 'monitors' | 'msMode'>) => string[]
  /** Whether the arguments for this volume depend on the release of the program. */
  needsRelease: (volume: VolumeOptions) => boolean
  /** Whether this client tries only one port of a monitor, so that its protocol must be known. */
  needsProtocols: (volume: VolumeOptions) => boolean
  /** The options of this client that follow `-o`. */
  mountOptions: (options: ClientOptions) => readonly string[]
  /** What this client calls the directory with the snapshots; undefined without an option for it. */
  snapshotDirectory: (options: ClientOptions) => string | undefined

  /** Text of the credential file, in the form that `program` reads. */
  credential: (context: MountContext, key: Secret) => Secret
  /**
   * The arguments of `program`. They contain no secret: the key is in the credential file.
   *
   * @throws CephflexError EOPTION if the program on this node is known to refuse an option.
   */
  argv: (context: MountContext) => string[]

  /** What `program` or the kernel prints when a mount fails. */
  symptoms: readonly Symptom[]
  /** The error code for a failed mount; EMOUNT if the cause is not recognized. */
  diagnose: (ending: Ending) => ErrorCode
  /** The caps that kept the client out, as far as it reports them. */
  denial: (volume: VolumeOptions, ending: Ending) => Denial | undefined
  /** A code that the client also gives for other causes if it did not wait, and flags with which it names the cause. */
  proof: { of: ErrorCode; flags: readonly string[] } | undefined

  /** How a mount that the killed program left elsewhere is recognized: its root is dead, or by its entry. */
  leftover: 'dead' | ((entry: MountInfo, path: string) => boolean)
  /** How a mount without an open file is detached if the cluster does not answer, so that no data is lost. */
  whenStuck: 'force' | 'lazy'
  /** What an access to its root reports once the cluster has evicted the client; undefined if a daemon can be asked. */
  evictedRoot: string | undefined
}
