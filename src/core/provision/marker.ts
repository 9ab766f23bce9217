import type { Backend } from './names.js'

/** Marks a directory that this program created. Every pod with the volume can read it. */
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
  /** Created by external-storage's provisioner, so its deletion also handles the caps and files of that. */
  imported?: true
  /** Set if the volume was deleted but its data was kept. */
  kept?: 'archive' | 'retain'
}

const TEXTS = ['pv', 'user', 'namespace', 'pool', 'createdAt'] as const

/**
 * On claimRoot while the manager creates a subvolume: if the call is killed, this shows that an existing subvolume
 * belongs to this program.
 */
export function intentXattr(share: string): string {
  return `user.cephflex.new.${share}`
}

/** The text of the attribute. */
export function writeMarker(marker: Marker): string {
  return JSON.stringify(marker)
}

/** Reads the text of the attribute. @returns undefined if it is not a marker. */
export function parseMarker(text: string | undefined): Marker | undefined {
  try {
    const raw = JSON.parse(text ?? 'null') as Record<string, unknown> | null
    const isComplete = raw?.['version'] === 1 && TEXTS.every(name => typeof raw[name] === 'string')
    return isComplete ? (raw as unknown as Marker) : undefined
  } catch {
    return undefined
  }
}
