import { USER_NAME } from '../text/names.js'
import { holdsControl, pathProblem } from '../text/paths.js'
import { type Backend, isVolumeName } from './names.js'

/** Marks a directory that this program created. Every pod with the volume can read and change it. */
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
  /** The kept data that this volume was restored from: a second call finds that nothing is left to do. */
  from?: KeptName
  /** Set on kept data while it is restored: the name of the new volume. */
  to?: string | undefined
}

/** The volume that the data was kept of, and its directory below claimRoot. */
export type KeptName = { pv: string; share: string }

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

/**
 * Reads the text of the attribute. A pod can write it, so nothing in it is true only because it is there: see
 * {@link believed}.
 *
 * @returns undefined if it is not a marker.
 */
export function parseMarker(text: string | undefined): Marker | undefined {
  try {
    const raw = JSON.parse(text ?? 'null') as Record<string, unknown> | null
    if (raw?.['version'] !== 1) return undefined
    const isValid = Object.entries(FIELDS).every(([name, check]) => check(raw[name]))
    return isValid ? (raw as unknown as Marker) : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && !holdsControl(value)
const oneOf =
  (...values: unknown[]) =>
  (value: unknown) =>
    values.includes(value)

const FIELDS: { [Name in keyof Marker]-?: (value: unknown) => boolean } = {
  version: oneOf(1),
  pv: value => isText(value) && isVolumeName(value),
  user: value => isText(value) && USER_NAME.test(value),
  backend: oneOf('directory', 'subvolume'),
  namespace: isText,
  pool: isText,
  readOnly: oneOf(true, false),
  createdAt: isText,
  imported: oneOf(undefined, true),
  kept: oneOf(undefined, 'archive', 'retain'),
  from: value => value === undefined || isKeptName(value),
  to: value => value === undefined || isText(value),
}

function isKeptName(value: unknown): boolean {
  const { pv, share } = (value ?? {}) as Record<string, unknown>
  return isText(pv) && isText(share) && pathProblem(`/${share}`) === undefined
}
