import { basename, dirname } from 'node:path/posix'
import type { System } from '../system/system.js'

const join = (parent: string, name: string) => `${parent === '/' ? '' : parent}/${name}`

const realParent = (system: System, parent: string): string =>
  system.files.realPath(parent) ?? join(realParent(system, dirname(parent)), basename(parent))

/**
 * The target as the kernel shows it in mountinfo: links in its parents are
 * followed, parents that do not exist stay as they are. The target itself is
 * not touched, since a dead mount may be on it.
 */
export const resolveTarget = (system: System, target: string): string =>
  join(realParent(system, dirname(target)), basename(target))
