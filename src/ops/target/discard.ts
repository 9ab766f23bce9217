import type { System } from '../../system/system.js'

/**
 * Removes by-products of a mount: its log, its socket, its state, its key. What
 * cannot be removed stays, and the log names it: the call has done its work.
 */
export function discard({ files, log }: System, paths: readonly string[]): void {
  for (const file of paths) {
    const problem = files.tryRemove(file)
    if (problem !== undefined) log('left behind', { file, problem })
  }
}
