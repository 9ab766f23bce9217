import { basename, dirname } from 'node:path/posix'
import type { System } from '../../system/system.js'

/** As in path_resolution(7). */
const MAX_LINKS = 40

/**
 * A path as another process resolves it in its own root directory, for its mount table: follows links in the parents,
 * and does not touch the last component, which may have a dead mount.
 *
 * @param root the root directory of that process: `/proc/PID/root`.
 */
export function realPathIn(files: System['files'], root: string, path: string): string {
  const left = namesOf(dirname(path))
  let done: string[] = []
  for (let links = 0; left.length > 0; ) {
    const name = left.shift() ?? ''
    const link = links < MAX_LINKS ? linkOf(files, [root, ...done, name].join('/')) : undefined
    if (link === undefined) {
      done = step(done, name)
      continue
    }
    links += 1
    left.unshift(...namesOf(link))
    if (link.startsWith('/')) done = []
  }
  return `/${[...done, basename(path)].join('/')}`
}

function step(done: readonly string[], name: string): string[] {
  if (name === '.') return [...done]
  return name === '..' ? done.slice(0, -1) : [...done, name]
}

function namesOf(path: string) {
  return path.split('/').filter(Boolean)
}

/** The target of a link in /proc; undefined if the process has ended or may not be inspected. */
export function linkOf(files: System['files'], path: string): string | undefined {
  try {
    return files.link(path)
  } catch {
    return undefined
  }
}
