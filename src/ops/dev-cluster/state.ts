import { resolve } from 'node:path'
import { daemonOf } from '../../core/dev-cluster/daemons.js'
import { type ClusterSpec, type DaemonName, parseSpec, specPath } from '../../core/dev-cluster/spec.js'
import { CephflexError } from '../../core/errors.js'
import type { ProcessInfo } from '../../core/target/process.js'
import { files } from '../../system/files.js'
import { findProcesses } from '../../system/find-processes.js'

/**
 * The cluster in a directory.
 *
 * @throws CephflexError ECLUSTER if there is none, or its spec file is broken.
 */
export function readSpec(directory: string): ClusterSpec {
  const spec = findSpec(directory)
  if (spec) return spec
  throw new CephflexError('ECLUSTER', `there is no cluster in ${directory}`, {
    hint: `start one: cephflex dev-cluster start ${directory}`,
  })
}

/**
 * The cluster in a directory; undefined if there is none.
 *
 * @throws CephflexError ECLUSTER if its spec file is broken.
 */
export function findSpec(directory: string): ClusterSpec | undefined {
  const dir = files.realPath(resolve(directory))
  const text = dir === undefined ? undefined : files.read(specPath(dir))
  if (dir === undefined || text === undefined) return undefined
  const spec = parseSpec(text, dir)
  if (spec) return spec
  throw new CephflexError('ECLUSTER', `${specPath(dir)} is incomplete: the start was killed immediately`, {
    hint: `nothing is running there; remove the directory: rm -r ${dir}`,
  })
}

/** The running process of each daemon of a cluster. */
export function runningDaemons(dir: string): Map<DaemonName, ProcessInfo> {
  const found = findProcesses(argv => daemonOf(dir, argv) !== undefined)
  return new Map(
    found.flatMap(process => {
      const name = daemonOf(dir, process.argv)
      return name ? [[name, process] as const] : []
    }),
  )
}
