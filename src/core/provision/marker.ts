import type { Backend } from './names.js'

/** Says on the directory itself that this program made it. It may be read by whoever mounts the volume. */
export const MARKER_XATTR = 'user.cephflex.volume'

export type Marker = {
  version: 1
  /** Name of the PersistentVolume. */
  pv: string
  user: string
  backend: Backend
  namespace: string
  pool: string
  readOnly: boolean
  createdAt: string
  /** Made by external-storage's provisioner, whose caps and files its deletion has to know. */
  imported?: true
  /** Set when the volume was given up but its data kept. */
  kept?: 'archive' | 'retain'
}

const TEXTS = ['pv', 'user', 'namespace', 'pool', 'createdAt'] as const

/** On claimRoot, while the manager makes a subvolume: one that stands there then is ours, whatever ended the call. */
export function intentXattr(share: string): string {
  return `user.cephflex.new.${share}`
}

export function writeMarker(marker: Marker): string {
  return JSON.stringify(marker)
}

/** Reads the text of the attribute. @returns undefined if it is not one of ours. */
export function parseMarker(text: string | undefined): Marker | undefined {
  try {
    const raw = JSON.parse(text ?? 'null') as Record<string, unknown> | null
    const isWhole = raw?.['version'] === 1 && TEXTS.every(name => typeof raw[name] === 'string')
    return isWhole ? (raw as unknown as Marker) : undefined
  } catch {
    return undefined
  }
}
