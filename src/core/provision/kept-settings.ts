import { reservedPath } from './names.js'
import type { Step } from './steps.js'
import type { OnDelete } from './volume.js'

/**
 * What happens to the data when the volume is deleted, for a call that passes no parameters. It is the target of a
 * symbolic link beside the volume: a pod can write the mark of its own directory, but nothing outside it. A link needs no
 * data pool, and the manager lists only directories.
 */
export function settingsPath(share: string): string {
  return reservedPath('settings', share)
}

/** Reads the target of the link. An unknown text is of a newer version, so the data is kept. */
export function parseSettings(target: string | undefined): OnDelete {
  if (target === undefined || target === 'delete') return 'delete'
  return target === 'archive' ? 'archive' : 'retain'
}

/** The steps that record another value. */
export function settingsSteps(
  share: string,
  recorded: OnDelete = 'delete',
  wanted: OnDelete = 'delete',
): Step[] {
  const path = settingsPath(share)
  if (recorded === wanted) return []
  return [
    ...(recorded === 'delete' ? [] : [{ do: 'remove file', path } as const]),
    ...(wanted === 'delete' ? [] : [{ do: 'make link', path, target: wanted } as const]),
  ]
}
