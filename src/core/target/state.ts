import type { Monitor } from '../ceph/monitors.js'
import type { VolumeOptions } from '../volume/volume.js'
import type { ProcessIdentity } from './process.js'

/** What makes two mount calls ask for the same thing. */
export type VolumeIdentity = {
  monitors: readonly string[]
  path: string
  user: string
  fsName?: string
  readOnly: boolean
}

/** All that is needed to mount the volume again, but the key. */
export type MountRecipe = Omit<VolumeOptions, 'credential' | 'pod'> & { secretFile?: string }

/** What is remembered of a mount until it is unmounted; `unmount` gets nothing but the directory. No secrets. */
export type MountState = {
  version: 1
  /** State of an earlier boot says nothing. */
  bootId: string
  target: string
  volume: VolumeIdentity
  /** Missing in states that an older release wrote. */
  recipe?: MountRecipe
  /** It lies over a mount that died: two entries in the mount table are as it should be. */
  recovered?: true
  client: 'fuse' | 'kernel'
  /** The ceph-fuse daemon, if it could be told. */
  process?: ProcessIdentity
  adminSocket: string
  logFile: string
  /** Directories that the mount call made, the deepest first. */
  made: readonly string[]
  pod: VolumeOptions['pod']
  mountedAt: string
}

export function recipeOf({ credential, pod: _, ...volume }: VolumeOptions): MountRecipe {
  return {
    ...volume,
    ...(credential.from === 'file' ? { secretFile: credential.path } : {}),
  }
}

export function identityOf({ monitors, path, user, fsName, readOnly }: VolumeOptions): VolumeIdentity {
  return {
    monitors: monitors.map(monitorText).sort(),
    path,
    user,
    ...(fsName === undefined ? {} : { fsName }),
    readOnly,
  }
}

export function isSameVolume(a: VolumeIdentity, b: VolumeIdentity): boolean {
  return canonical(a) === canonical(b)
}

/** Reads a state file. @returns undefined for anything that is not a state of this boot. */
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
  return JSON.stringify([monitors, path, user, fsName ?? null, readOnly])
}
