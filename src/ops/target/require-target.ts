import { CephflexError } from '../../core/errors.js'
import { mountedOn } from '../../core/target/mount-table.js'
import type { System } from '../../system/system.js'

/**
 * Checks that a target still is a directory, after a command that failed: mount programs report a target that is missing
 * as they report a path that is missing in the cluster. Does not touch a mounted target, which may hang.
 *
 * @throws CephflexError ENOTARGET
 */
export function requireTarget({ files, mountInfo }: System, target: string): void {
  if (mountedOn(mountInfo(), target).length > 0) return
  const kind = files.kind(target)
  if (kind === 'directory') return
  const problem = kind === 'missing' ? 'no longer exists' : 'is no longer a directory'
  throw new CephflexError('ENOTARGET', `${target} ${problem}`)
}
