import type { Monitor } from '../ceph/monitors.js'
import type { Client } from '../mounters/index.js'
import type { VolumeOptions } from '../volume/volume.js'
import type { ProcessIdentity } from './process.js'

/** Two mount calls with the same identity ask for the same volume. */
export type VolumeIdentity = {
  monitors: readonly string[]
  path: string
  user: string
  fsName?: string
  readOnly: boolean
}

/** Everything that is needed to mount the volume again, except the key. */
export type MountRecipe = Omit<VolumeOptions, 'credential' | 'pod'> & { secretFile?: string }

/**
 * The client of a target that shares it: where that is mounted, and its process and files. The target is a bind mount.
 * The client may have been replaced since, and then serves only the targets that had it.
 */
export type SharedClientRef = { path: string } & Pick<
  ClientState,
  'process' | 'pidNamespace' | 'adminSocket' | 'logFile'
>

/** What was done with a target. */
export type TargetState = {
  target: string
  client: Client
  /** It was mounted over a dead mount, so the mount table has two entries for it. */
  recovered?: true
  /**
   * Written before the mount is made, or before a recovered one is bound over the old one, and dropped when it has been
   * verified. It stays if the call was killed: then the mount may be missing, or a kubelet that found it took it for a
   * success.
   */
  unfinished?: true
  /** The client that it shares with other targets. */
  shared?: SharedClientRef
  /** Directories that the mount call created, the deepest first. */
  made: readonly string[]
  pod: VolumeOptions['pod']
  mountedAt: string
}

/** The client of a mount: what it has mounted, how to mount that again, and its process. */
export type ClientState = {
  volume: VolumeIdentity
  /** Missing if an older release wrote the state. */
  recipe?: MountRecipe
  /** The daemon, if the client has one and it was found. */
  process?: ProcessIdentity
  /** The name of its session with the MDS. */
  session?: string
  /** The PID namespace in which `process` has this pid. Missing if an older release wrote the state. */
  pidNamespace?: string
  adminSocket: string
  logFile: string
}

/**
 * State of a mount, kept until it is unmounted, because `unmount` gets only the directory. Contains no secrets. A file
 * holds both records: other releases read it, too.
 */
export type MountState = TargetState &
  ClientState & {
    version: 1
    /** State of an earlier boot is ignored. */
    bootId: string
  }

/** What to keep of a volume's options for mounting it again. */
export function recipeOf({ credential, pod: _, ...volume }: VolumeOptions): MountRecipe {
  return {
    ...volume,
    ...(credential.from === 'file' ? { secretFile: credential.path } : {}),
  }
}

/** The identity of a volume; the order of its monitors does not matter, nor how often one is named. */
export function identityOf({ monitors, path, user, fsName, readOnly }: VolumeOptions): VolumeIdentity {
  return {
    monitors: monitors.map(monitorText).sort(),
    path,
    user,
    ...(fsName === undefined ? {} : { fsName }),
    readOnly,
  }
}

/** Whether a mount of `a` serves a call for `b`. */
export function isSameVolume(a: VolumeIdentity, b: VolumeIdentity): boolean {
  return canonical(a) === canonical(b)
}

/** The text of a state file. */
export function stateText(
  bootId: string,
  { target, client, recovered, unfinished, shared, made, pod, mountedAt }: TargetState,
  { volume, recipe, process, session, pidNamespace, adminSocket, logFile }: ClientState,
): string {
  const state = {
    ...{ version: 1, bootId, target, volume, recipe, recovered, unfinished, shared, client },
    ...{ process, session, pidNamespace, adminSocket, logFile, made, pod, mountedAt },
  }
  return `${JSON.stringify(state)}\n`
}

/** A reference to the shared client that is mounted on `path`. */
export function refTo(
  path: string,
  { process, pidNamespace, adminSocket, logFile }: ClientState,
): SharedClientRef {
  return {
    path,
    ...(process ? { process } : {}),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    adminSocket,
    logFile,
  }
}

/** The record of the client of a target, which is elsewhere if the target shares it. */
export function clientOf(state: MountState): MountState {
  if (state.shared === undefined) return state
  const { path: _, ...client } = state.shared
  return { ...state, ...client }
}

/** Reads a state file. @returns undefined if it is not a state of this boot. */
export function parseMountState(text: string | undefined, bootId: string): MountState | undefined {
  try {
    const state = JSON.parse(text ?? 'null') as MountState | null
    return state?.version === 1 && state.bootId === bootId ? state : undefined
  } catch {
    return undefined
  }
}

function monitorText({ protocol, host, port }: Monitor) {
  return `${protocol ?? ''}/${host}/${port ?? ''}`
}

function canonical({ monitors, path, user, fsName, readOnly }: VolumeIdentity) {
  return JSON.stringify([[...new Set(monitors)], path, user, fsName ?? null, readOnly])
}
