import { CephflexError } from '../../core/errors.js'
import type { System } from '../../system/system.js'

/** @throws CephflexError ENOTROOT unless this process runs as root. */
export function requireRoot(system: System): void {
  if (!system.isRoot()) throw new CephflexError('ENOTROOT', 'this process is not running as root')
}
