import type { System } from '../../system/system.js'

/** Creates a directory that only root can enter, for a mount that no pod sees. Unique for this process and `name`. @throws CephflexError ENORUNDIR */
export function privateDirectory(
  { config, files }: System,
  name: string,
): { target: string; remove: () => void } {
  const parent = `${config.runDirectory}/private`
  files.secureDirectory(config.runDirectory)
  files.secureDirectory(parent)
  const target = `${parent}/${name}.${process.pid}`
  files.secureDirectory(target)
  return { target, remove: () => void files.removeDirectory(target) }
}
