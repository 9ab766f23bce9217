import type { System } from '../../system/system.js'

/** The directory below which shared clients are mounted, as the mount table shows it. Only root can enter it. */
export function sharedDirectory({ config, files }: System): string {
  return `${files.realPath(config.runDirectory) ?? config.runDirectory}/shared`
}

/** Whether a directory is the place of a shared client. */
export function isSharedPath(system: System, path: string): boolean {
  return path.startsWith(`${sharedDirectory(system)}/`)
}
